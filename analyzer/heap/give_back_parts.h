/*
 * The two sides of a simulation: pools and arenas, and the C library's chunks.  Only for files
 * of give_back.
 */
#ifndef HEAP_GIVE_BACK_PARTS_H
#define HEAP_GIVE_BACK_PARTS_H

#include "base/vector.h"
#include "heap/give_back.h"

#define PLACE_NONE UINT32_MAX

/* An arena of small objects, while blocks are freed. */
struct small_arena {
	uint32_t free_pools;
	uint32_t next, previous; /* in the list of those with free pools; or PLACE_NONE */
	bool is_gone;
};

struct small_heap {
	const struct found_heap *found;
	uint32_t *arena_of;                 /* [pools] */
	uint32_t *start_used, *used;        /* [pools] blocks: as found, and now */
	struct small_arena *start, *arenas; /* [arenas] the same */
	uint32_t start_first, first;        /* of the list, or PLACE_NONE */
	uint32_t *start_last_with,
		*last_with;  /* [most pools + 1] last in the list with as many */
	uint32_t most_pools; /* of an arena */
};

/* The array of a chunk that was joined with others: its bytes are in the run of free ones. */
struct native_heap {
	const struct found_heap *found;
	uint8_t *freed;               /* [blocks] enum freed_state */
	uint32_t *other_end;          /* [blocks] of a run of free ones, at both of its ends */
	VECTOR_OF(uint32_t) touched;  /* blocks with one of the two set */
	VECTOR_OF(uint32_t) fast;     /* blocks in fastbins now that were not */
	VECTOR_OF(uint32_t) old_fast; /* blocks in fastbins as found */
	uint32_t *start_cached,
		*cached; /* [sizes of a tcache] blocks in it, as found and now */
	uint32_t cache_sizes;
	uint64_t *cut;           /* [native arenas] bytes of its end that were given back */
	bool *old_fast_is_empty; /* [native arenas] */
	uint64_t trim_threshold, mmap_threshold;
};

bool small_heap_init(struct small_heap *heap, const struct found_heap *found);
void small_heap_release(struct small_heap *heap);
void small_heap_reset(struct small_heap *heap);
/* PLACE_NONE if the address is in no pool. */
uint32_t small_heap_pool_at(const struct small_heap *heap, addr_t address);
/* One block of the pool; returns the arena that goes with it, or PLACE_NONE. */
uint32_t small_heap_free(struct small_heap *heap, uint32_t pool);

bool native_heap_init(struct native_heap *heap, const struct found_heap *found);
void native_heap_release(struct native_heap *heap);
void native_heap_reset(struct native_heap *heap);
/* PLACE_NONE if the address is in no block that is in use. */
uint32_t native_heap_block_at(const struct native_heap *heap, addr_t address);
/* Returns the bytes that the system gets. */
uint64_t native_heap_free(struct native_heap *heap, uint32_t block);

#endif
