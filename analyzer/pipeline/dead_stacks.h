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

/* A thread that ended left it. */
struct ended_stack {
	struct address_range range; /* its mapping, guard pages and the descriptor included */
	addr_t descriptor;          /* in the last page of it, or so */
};

struct ended_stacks {
	struct ended_stack *items;
	size_t count, capacity;
	bool failed;
};

/*
 * Adds those to *ret, ascending, whose descriptors are in a range of pages.  `taken`: as below.
 */
void ended_stacks_find(const struct image *image, struct address_range within,
		       const struct address_ranges *taken, struct ended_stacks *ret);

/*
 * Adds the dead parts to *ret, in no order.  What cannot be told for sure is not dead.  `taken`, sorted
 * and apart from each other, is the allocators' memory: a stack in it is not looked at.
 */
void dead_stacks_find(const struct image *image, const struct address_ranges *taken,
		      struct address_ranges *ret);

#endif
