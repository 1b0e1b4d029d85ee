/*
 * Which objects run code when they die: finalizers of their type, callbacks of weak references.
 */
#ifndef PIPELINE_CYCLE_FINALIZERS_H
#define PIPELINE_CYCLE_FINALIZERS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/*
 * By object: does its type have a finalizer, or is it in a cycle and a live weak reference to it
 * has a callback?  The caller frees it; NULL when out of memory.
 */
bool *cycle_finalizers_find(const struct collection *collection,
			    const struct snapshot *snapshot);

#endif
