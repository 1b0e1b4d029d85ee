/*
 * Memory that the same program would not need, by what wins it and by who holds it: equal texts,
 * room that containers keep for more, empty containers, numbers that are objects each.
 */
#ifndef PIPELINE_WASTE_H
#define PIPELINE_WASTE_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

struct waste_source {
	const struct runtime_ops *ops;
	struct runtime *runtime; /* walked */
	const struct collection *collection;
	struct snapshot *snapshot;
};

/* Fills snapshot->waste, the most to win first; from its graph, reachability, paths and values. */
bool waste_find(const struct waste_source *source, struct error *err);

#endif
