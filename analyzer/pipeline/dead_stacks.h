/*
 * The parts of threads' stacks that hold nothing any more: below the stack pointers, and all of
 * what a thread that ended had, as long as the C library keeps it for the next.
 *
 * Refuses to know: what else is in the memory around them.
 */
#ifndef PIPELINE_DEAD_STACKS_H
#define PIPELINE_DEAD_STACKS_H

#include "base/vector.h"
#include "core/image.h"

struct address_ranges {
	struct address_range *items;
	size_t count, capacity;
	bool failed;
};

/*
 * Adds them to *ret, in no order.  What cannot be told for sure is not dead.  `taken`, sorted
 * and apart from each other, is the allocators' memory: a stack in it is not looked at.
 */
void dead_stacks_find(const struct image *image, const struct address_ranges *taken,
		      struct address_ranges *ret);

#endif
