/*
 * The formats of glibc's malloc; mirrors malloc/malloc.c and malloc/arena.c of glibc
 * 2.31, 2.36, 2.41 and 2.43 on x86-64.
 *
 *   malloc_chunk          OFFSET  SIZE  MEANING
 *     mchunk_prev_size         0     8  size of the chunk before, if that is free;
 *                                       of a mapped chunk, bytes of the mapping before it
 *     mchunk_size              8     8  bytes; 1: the chunk before is in use, 2: has a mapping
 *                                       of its own, 4: of a thread's arena
 *     fd                      16     8  next in a bin or fastbin; a used chunk's first byte
 *     bk                      24     8  previous in a bin
 *
 *   malloc_state     to 2.42  2.43  SIZE  MEANING
 *     mutex                0     0     4
 *     flags                4     4     4  2: not all of the arena came from brk
 *     have_fastchunks      8     -     4
 *     fastbinsY           16     -  10*8  chunks of 32, 48 … bytes, singly linked
 *     top                 96     8     8  chunk that is the free end
 *     last_remainder     104    16     8
 *     bins               112    24 254*8  fd and bk of 127 list heads; an empty one points
 *                                         16 bytes before itself
 *     binmap            2144  2056  4*4
 *     next              2160  2072     8  ring of all arenas
 *     next_free         2168  2080     8
 *     attached_threads  2176  2088     8
 *     system_mem        2184  2096     8  bytes got from the system
 *     max_system_mem    2192  2104     8
 *
 *   heap_info, at the start of each of a thread arena's heaps
 *     ar_ptr                   0     8  the arena
 *     prev                     8     8  heap before; 0 for the first
 *     size                    16     8  bytes that may be used, from the heap's start
 *     mprotect_size           24     8
 *     pagesize, padding       32    16  from 2.35 on
 *   The first heap's malloc_state follows the heap_info, the first chunk that.
 *
 *   tcache_perthread_struct, the user's part of a chunk
 *     to 2.41  counts         64*2  blocks in each list
 *              entries        64*8  first block of each list: the user's address
 *     2.42 on  num_slots      76*2  blocks that each list still takes
 *              entries        76*8  the last 12 are of larger blocks, of mixed size
 *
 *   malloc_par (mp_), from mmapped_mem
 *     trim_threshold -56, -80 since 2.35, or -88 in 2.43 (thp_mode)            8
 *     top_pad, mmap_threshold, arena_test, arena_max                         4*8
 *     n_mmaps        -16, or -20 since 2.35 (hp_flags shifted the four ints)   4
 *     n_mmaps_max, max_n_mmaps, no_dyn_threshold                             3*4
 *     mmapped_mem, max_mmapped_mem, sbrk_base                                3*8
 *     tcache_bins, tcache_max_bytes, tcache_count                            3*8
 *
 * A link at p in a tcache list or a fastbin is kept as link ^ (p >> 12) since 2.32.
 */
#ifndef HEAP_GLIBC_FORMAT_H
#define HEAP_GLIBC_FORMAT_H

#include "base/anomaly.h"
#include "base/vector.h"
#include "heap/allocator.h"
#include "target/target.h"

#define GLIBC_STAGE     "glibc"
#define CHUNK_HEADER    16u /* bytes before the user's part */
#define CHUNK_OVERHEAD  8u  /* bytes of a chunk in an arena that its user does not get */
#define CHUNK_ALIGNMENT 16u
#define CHUNK_SMALLEST  32u
#define CHUNK_PREV_USED 1u
#define CHUNK_MAPPED    2u
#define CHUNK_NON_MAIN  4u
#define CHUNK_FLAGS     7u

#define CACHED_FASTBIN 1u /* a flag in an address of a cached block */

#define BIN_COUNT 127u
#define BIN_SIZE  16u /* fd and bk */

/* From bins: the same in every release. */
#define ARENA_FLAGS      4  /* from the start of malloc_state */
#define ARENA_SCATTERED  2u /* in flags: not all of it came from brk */
#define ARENA_TOP        (-16)
#define ARENA_NEXT       2048
#define ARENA_SYSTEM_MEM 2072
#define ARENA_END        2088

struct arena_format {
	uint32_t bins;          /* bytes from the start of malloc_state */
	uint32_t fastbins;      /* same */
	uint32_t fastbin_count; /* 0: there are none */
};

/* One contiguous piece of an arena, before its chunks were read. */
struct glibc_region {
	addr_t arena;
	addr_t address; /* of the heap_info, or as start */
	addr_t start;   /* first chunk */
	addr_t limit;   /* no chunk goes beyond */
	addr_t top;     /* the arena's top chunk, wherever it is */
	bool is_main;
};

/* What arenas were found to have, ascending. */
struct glibc_extents {
	struct address_range *items;
	size_t count, capacity;
	bool failed;
};

struct glibc {
	struct target *target;
	const struct image *image;
	struct anomalies *anomalies;
	const struct arena_format *format;
	VECTOR_OF(addr_t) arenas; /* malloc_state of each; the main one first */
	bool has_parameters;      /* malloc_par was found: the next three are known */
	uint32_t mapped_count; /* chunks with a mapping of their own, as malloc counts them */
	uint64_t mapped_bytes;
	addr_t first_break;                     /* where the main arena began */
	struct heap_limits limits;              /* the usual ones where they are not known */
	VECTOR_OF(struct glibc_region) regions; /* ascending, apart from each other */
	VECTOR_OF(addr_t) cached;  /* the user's addresses of cached blocks, | CACHED_FASTBIN;
				     ascending */
	VECTOR_OF(addr_t) damaged; /* chunks with links that were written over; ascending */
};

/* Free chunks have links where used ones have data: the block before may have written them. */
static inline void glibc_record_link(struct glibc *glibc, addr_t chunk, const char *message)
{
	anomaly_record(glibc->anomalies, GLIBC_STAGE, chunk + CHUNK_HEADER, "%s", message);
	vector_push(&glibc->damaged, chunk);
}

struct chunk_header {
	uint64_t previous_size, size; /* size with its flags */
};

static inline uint64_t chunk_size(const struct chunk_header *header)
{
	return header->size & ~(uint64_t)CHUNK_FLAGS;
}

static inline addr_t chunk_align(addr_t address)
{
	return (address + CHUNK_ALIGNMENT - 1) & ~(addr_t)(CHUNK_ALIGNMENT - 1);
}

static inline bool is_anonymous(const struct image_mapping *mapping)
{
	return mapping->writable && (!mapping->path[0] || mapping->path[0] == '[');
}

#endif
