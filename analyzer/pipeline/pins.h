/*
 * What pins arenas of small objects, by who holds it, and what would go back to the system without
 * it; the same of garbage, of leaks, and of the runtime's free lists.
 */
#ifndef PIPELINE_PINS_H
#define PIPELINE_PINS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/*
 * Fills snapshot->pins and releases; from its blocks, leaks, dominators and paths.  Those who hold
 * most of what is in sparse arenas are simulated, and no more than a few dozen.
 */
bool pins_find(const struct collection *collection, struct snapshot *snapshot,
	       struct error *err);

#endif
