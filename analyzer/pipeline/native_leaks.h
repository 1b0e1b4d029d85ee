/*
 * From lost blocks to rows of `leaks`: how sure it is, what goes with each of them, and how they
 * can be told from others.
 */
#ifndef PIPELINE_NATIVE_LEAKS_H
#define PIPELINE_NATIVE_LEAKS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/*
 * Adds to snapshot->leaks; the graph and the blocks are there.  `partial`: pages are missing, so
 * nothing can be proven.
 */
bool native_leaks_find(const struct target *target, const struct collection *collection,
		       bool partial, struct snapshot *snapshot, struct error *err);

#endif
