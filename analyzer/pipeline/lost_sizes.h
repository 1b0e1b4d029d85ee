/*
 * Which sizes of lost blocks are one.  A block that malloc takes from a free one is left 16 bytes too
 * large where the rest would be too small for a block: among many of one size those few of the next
 * are no leak of their own.
 */
#ifndef PIPELINE_LOST_SIZES_H
#define PIPELINE_LOST_SIZES_H

#include "debuginfo/key_map.h"

/* A zeroed one is empty and ready. */
struct lost_sizes {
	struct key_map counts;
	bool failed; /* memory ran out */
};

/* One more block of the size, in bytes; 0 is none. */
void lost_sizes_count(struct lost_sizes *sizes, uint64_t size);
/* The size that a block of this one was meant to have, once all are counted. */
uint64_t lost_sizes_common(const struct lost_sizes *sizes, uint64_t size);
void lost_sizes_release(struct lost_sizes *sizes);

#endif
