/*
 * Why an object is alive, as an expression: modules['app'].CACHE['k3'].parent.
 */
#ifndef PIPELINE_PATHS_H
#define PIPELINE_PATHS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/*
 * Fills snapshot->paths, label_styles and root_expressions; from its graph, reachability,
 * dominators and values.
 */
bool paths_find(const struct collection *collection, const struct runtime_ops *runtime,
		struct snapshot *snapshot, struct error *err);

/* The path of an object, in the collection's arena; NULL: none, or out of memory. */
const char *paths_text(const struct collection *collection, const struct snapshot *snapshot,
		       uint32_t object);

#endif
