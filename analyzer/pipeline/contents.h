/*
 * What tells each immutable object from another of its type that has its address in a later
 * dump: objects.content.
 */
#ifndef PIPELINE_CONTENTS_H
#define PIPELINE_CONTENTS_H

#include "pipeline/collect.h"

/* [object_count] numbers; 0: the object may change, or cannot be read.  malloc'd; NULL: no memory. */
uint64_t *contents_compute(const struct collection *collection, const struct graph *graph,
			   const struct runtime_ops *ops, struct runtime *runtime);

#endif
