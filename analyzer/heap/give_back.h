/*
 * What goes back to the system if blocks are freed: not their bytes, but the arenas, mappings and
 * ends of heaps that allocators give back then.  A simulation, block by block in the order given,
 * as CPython 3.8 to 3.15 and glibc 2.31 to 2.43 free:
 *
 *   A pool without a block is free; an arena of which all pools are free is unmapped, unless
 *   it is the last of the arenas with free pools, which are sorted by how many those are:
 *   pymalloc keeps that one.
 *   A chunk goes to the thread's cache while that takes its size, a small one to a fastbin;
 *   another is joined with the free ones beside it, and when that makes 64 KiB or more, the
 *   fastbins are emptied, and an end of the arena above the trim threshold is given back.
 *   A chunk with a mapping of its own is unmapped, and raises both thresholds.
 *
 * Where the dump does not tell (whose cache, with more than one thread), less is given back.
 * Not simulated: that a whole heap of a thread's arena can be unmapped.
 *
 * Refuses to know: what the blocks are, and why they are freed.
 */
#ifndef HEAP_GIVE_BACK_H
#define HEAP_GIVE_BACK_H

#include "heap/allocator.h"

/* The heap as it was found; the arrays are the caller's, and ascend. */
struct found_heap {
	const struct arena_report *arenas; /* of small objects */
	size_t arena_count;
	const struct pool_report *pools; /* of those */
	size_t pool_count;
	const struct arena_report *native_arenas; /* the C library's */
	size_t native_arena_count;
	const struct block_report *blocks; /* the C library's, in all states */
	size_t block_count;
	struct heap_limits limits;
	size_t thread_count;
};

struct given_back {
	uint64_t bytes;
	uint64_t arenas;       /* of small objects that went */
	uint64_t arena_bytes;  /* bytes of those */
	uint64_t freed_blocks; /* that were in use, of those to be freed */
	uint64_t freed_bytes;  /* of those */
};

struct give_back; /* with room to simulate in, again and again */

/* NULL when out of memory.  The found heap must outlive it. */
struct give_back *give_back_create(const struct found_heap *heap);
void give_back_free(struct give_back *give_back);
DEFINE_CLEANUP(struct give_back *, give_back_free)

/* The heap is as it was found again. */
void give_back_reset(struct give_back *give_back);

/* Frees the block that has the address, if that is in use; of any allocator. */
void give_back_block(struct give_back *give_back, addr_t address);

/* Since the last reset. */
struct given_back give_back_result(const struct give_back *give_back);

#endif
