/*
 * The C library's memory as the search for lost blocks sees it: which blocks nobody explains, and
 * all other memory that may hold a pointer to them.
 *
 * A block is explained if it has a Python object, a buffer that the runtime knows or an arena of
 * small objects in it.  What such blocks hold counts as roots, whatever state the objects are in:
 * memory that only garbage or leaked objects own is lost with them, not by itself.  Roots are,
 * besides, the data of modules, other mappings, threads' registers and stacks.  No roots are: what
 * only malloc writes, blocks that are free or kept for reuse, the dead parts of stacks, text and
 * numbers that Python has as objects.  Links of
 * the collector need no exception: they lead to objects.
 */
#ifndef PIPELINE_NATIVE_MEMORY_H
#define PIPELINE_NATIVE_MEMORY_H

#include "analysis/native_reach.h"
#include "pipeline/collect.h"
#include "pipeline/dead_stacks.h"

struct native_memory {
	const struct image *image;
	const struct collection *collection;
	const struct graph *graph;
	VECTOR_OF(struct native_block) blocks; /* that nobody explains; ascending */
	struct address_ranges held;            /* explained blocks that may hold pointers */
	struct address_ranges skipped; /* no roots in segments; sorted, apart from each other */
	uint64_t missing;              /* bytes of blocks and roots that are not in the dump */
	uint32_t incomplete_threads;   /* whose stacks and variables are not in the dump */
	uint64_t cache_key;            /* in malloc's cached blocks; 0: there are none */
	size_t hint;
};

bool native_memory_init(struct native_memory *memory, const struct image *image,
			const struct collection *collection, const struct graph *graph,
			struct error *err);
void native_memory_release(struct native_memory *memory);

/* As native_source wants it; `context` is the memory.  Both count what is missing. */
void native_memory_roots(void *context, struct native_search *search);
const uint8_t *native_memory_view(void *context, addr_t address, uint64_t size,
				  uint64_t *ret_size);

#endif
