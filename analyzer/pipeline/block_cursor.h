/*
 * What is in a block: blocks, objects and small-object arenas all ascend, so one pass beside the
 * blocks tells, without a search for each.
 */
#ifndef PIPELINE_BLOCK_CURSOR_H
#define PIPELINE_BLOCK_CURSOR_H

#include "pipeline/collect.h"

/* How far each has got; starts as zeros, and is asked of ascending blocks only. */
struct block_cursor {
	size_t arena; /* of small objects: places behind the native ones */
	uint32_t object;
};

/* Does an arena of small objects begin in the block? */
bool block_has_arena(struct block_cursor *cursor, const struct collection *collection,
		     const struct block_report *block);

/* Does an object begin in the block?  cursor->object is the first that does. */
bool block_has_object(struct block_cursor *cursor, const struct graph *graph,
		      const struct block_report *block);

#endif
