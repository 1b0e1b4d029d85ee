/*
 * Which blocks of memory are lost: a conservative search for pointers, from roots to blocks and
 * from block to block.  Every aligned word counts.
 *
 *   start pointer     leads to one of a block's first bytes, up to NATIVE_START: what tags in low
 *                     bits, cookies of arrays and headers before what the user sees leave of it
 *                     (the longest that are known are two of 16 bytes, of PYTHONMALLOC=debug)
 *   interior pointer  leads further in; as good as a start pointer if the block itself has one to
 *                     its start: aligned memory that remembers what to free, a header behind data
 *   none              leads to the tail of a block or behind it: one past the end of what was
 *                     asked for, or a free list's link to the chunk that follows
 *
 * Refuses to know: what blocks and roots are, and where their bytes come from.
 */
#ifndef ANALYSIS_NATIVE_REACH_H
#define ANALYSIS_NATIVE_REACH_H

#include "base/error.h"
#include "base/types.h"

#define NATIVE_START 32u /* bytes behind a block's address that a start pointer may lead to */
#define NATIVE_NONE  UINT32_MAX

struct native_block {
	addr_t address;
	uint64_t size; /* bytes */
	uint32_t tail; /* of these, at the end: a pointer there does not lead to the block */
};

enum native_state {
	NATIVE_LOST,      /* no pointer from a root, over whatever blocks */
	NATIVE_POSSIBLE,  /* over an interior pointer only */
	NATIVE_REACHABLE, /* over start pointers */
};

struct native_search;

struct native_source {
	const struct native_block *blocks; /* [count], ascending, apart from each other */
	uint32_t count;
	void *context;
	/* Hands all words that are roots to native_search_words(). */
	void (*roots)(void *context, struct native_search *search);
	/*
	 * The bytes of a block from an address on, at most `size` of them: *ret_size says how
	 * many.  NULL: that many are missing.
	 */
	const uint8_t *(*view)(void *context, addr_t address, uint64_t size,
			       uint64_t *ret_size);
};

/*
 * state: as above.
 * head: NATIVE_NONE for a reachable block.  Of a possible one that an interior pointer of a
 * reachable block or a root leads to, itself; of the others the one they go with.  Of the lost
 * ones, those are their own heads that no other lost block leads to, and one of each cycle that
 * nothing else leads to; whoever has another head is lost indirectly.
 */
struct native_reach {
	uint8_t *state; /* [count] enum native_state */
	uint32_t *head; /* [count] */
};

bool native_reach_compute(const struct native_source *source, struct native_reach *ret,
			  struct error *err);
void native_reach_release(struct native_reach *reach);

/* Words that begin at an aligned address; a rest of less than a word does not count. */
void native_search_words(struct native_search *search, const uint8_t *bytes, uint64_t size);

#endif
