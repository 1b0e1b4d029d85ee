/*
 * Leaks that are alike, as one: what a person looks at, and what a list of known leaks has.
 */
#ifndef PIPELINE_LEAK_GROUPS_H
#define PIPELINE_LEAK_GROUPS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills snapshot->leak_groups from its leaks and blocks, and each leak's group. */
bool leak_groups_make(const struct collection *collection, struct snapshot *snapshot,
		      struct error *err);

#endif
