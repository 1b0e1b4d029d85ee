/*
 * Allocators take memory from the system in arenas and give it out in blocks.  Each finds its
 * own state in the target and reports what it has, in address order within an arena; nested
 * allocators overlap, and whoever collects the reports lets the innermost claim the bytes.
 *
 * Refuses to know: what is in the blocks; graphs; snapshots.
 *
 * How to add one: write a file with an `attach` and an `each`, and put its struct
 * allocator_ops into the registry in allocator.c.
 */
#ifndef HEAP_ALLOCATOR_H
#define HEAP_ALLOCATOR_H

#include "base/error.h"
#include "target/target.h"

enum block_state {
	BLOCK_USED,
	BLOCK_FREE,   /* in the allocator's free lists */
	BLOCK_CACHED, /* freed, and kept in a fast cache (tcache, fastbin) */
};

/* How an arena of the C library gets rid of its end. */
enum arena_end {
	END_STAYS, /* it does not */
	END_BREAK, /* it moves the program break back */
	END_HEAP,  /* it gives pages of a heap back */
};

struct arena_report {
	addr_t address;
	uint64_t size, used, free;  /* bytes; used and free are of blocks */
	uint32_t pools, free_pools; /* 0 where the allocator has none */
	uint32_t usable; /* place in the list of arenas with free pools; 0: in none */
	bool stays_last; /* once it is free, too, if it is the last in that list */
	uint8_t end;     /* enum arena_end */
};

struct pool_report {
	addr_t address;
	uint32_t size;       /* bytes of the whole pool */
	uint32_t header;     /* bytes before the first block */
	uint32_t block_size; /* bytes; 0: a free pool */
	uint32_t capacity;   /* blocks */
	uint32_t used;       /* blocks */
};

/* Where a block of the C library's allocator stands; elsewhere all are ordinary. */
enum block_place {
	BLOCK_ORDINARY,
	BLOCK_TOP,    /* the free rest at the end of an arena: what it can return first */
	BLOCK_MAPPED, /* a mapping of its own, in no arena */
	BLOCK_FASTBIN, /* cached where malloc itself counts it as free; a tcache's it counts as used */
};

/* What stands around the user's part of a block: see debug_pads.h. */
enum block_pads {
	PADS_NONE = 0,
	PADS_SOUND = 1,        /* the block has pads; the rest are flags beside it */
	PADS_HEAD_DAMAGED = 2, /* those before the user's part were written over */
	PADS_TAIL_DAMAGED = 4, /* those behind it */
	PADS_TWICE = 8,        /* within them are others: the user's part is within these */
};

/* `size` is what the user of the block has: without chunk headers, but with pads. */
struct block_report {
	addr_t address;
	uint64_t size;
	uint8_t state; /* enum block_state */
	uint8_t place; /* enum block_place */
	uint8_t pads;  /* enum block_pads */
	char domain;   /* of one with pads: o, m, r; 0: unknown */
	uint32_t rest; /* of one with pads: bytes behind the user's part */
};

/* Where the user's part begins, and its bytes, once pads are left out. */
static inline uint32_t block_pads_before(const struct block_report *block)
{
	return !block->pads ? 0 : block->pads & PADS_TWICE ? 32 : 16;
}

static inline addr_t block_user(const struct block_report *block)
{
	return block->address + block_pads_before(block);
}

static inline uint64_t block_user_size(const struct block_report *block)
{
	return block->size -
	       (block->pads ? block_pads_before(block) + (uint64_t)block->rest : 0u);
}

/* The one that has the address, whatever its state, among `total` that ascend; NULL if none. */
const struct block_report *block_among(const struct block_report *blocks, size_t total,
				       addr_t address);

/* When the C library's allocator gives memory back, and what it keeps in fast caches. */
struct heap_limits {
	uint64_t trim_threshold; /* bytes of an arena's end from which on it is trimmed */
	uint64_t top_pad;        /* bytes that are left of it then */
	uint64_t mmap_threshold; /* bytes from which on a block gets a mapping of its own */
	uint64_t cache_most;     /* bytes of the largest block that goes to a thread's cache */
	uint32_t cache_depth;    /* blocks of one size that a thread's cache takes */
	uint32_t fast_most; /* bytes of the largest chunk that goes to a fastbin; 0: none */
	bool is_fixed;      /* the first and the third do not grow with freed mappings */
};

/*
 * Any function may be NULL.  A pool comes before its blocks, an arena after its pools: by then
 * its sums are known.
 */
struct heap_visitor {
	void *context;
	void (*arena)(void *context, const struct arena_report *arena);
	void (*pool)(void *context, const struct pool_report *pool);
	void (*block)(void *context, const struct block_report *block);
	void (*limits)(void *context, const struct heap_limits *limits); /* the C library's */
	/* State of the allocator's own outside its arenas: no pointer in it keeps a block alive. */
	void (*state)(void *context, struct address_range range);
};

struct allocator; /* attached */

struct allocator_ops {
	const char *name; /* "pymalloc", "glibc" */
	/* The C library's own: its blocks may be anything, a nested allocator's arenas included. */
	bool is_native;
	/* NULL without an error: the target does not use it.  NULL with one: it does, but cannot be read. */
	struct allocator *(*attach)(struct target *target, struct error *err);
	void (*each)(const struct allocator *allocator, const struct heap_visitor *visitor);
	void (*detach)(struct allocator *allocator);
};

/* NULL-terminated, outermost first. */
extern const struct allocator_ops *const allocators[];

#endif
