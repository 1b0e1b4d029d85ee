/*
 * Chunks with a mapping of their own: no list has them, so they are looked for at the pages
 * where they would begin, and their sum is held against malloc's.
 */
#ifndef HEAP_GLIBC_MAPPED_H
#define HEAP_GLIBC_MAPPED_H

#include "heap/glibc_format.h"

/* Bytes of the mapping that begins at the address with a chunk of its own; 0: none does. */
uint64_t glibc_mapped_size(const struct glibc *glibc, addr_t address);

/* Blocks, ascending; where the arenas are, there are none. */
void glibc_each_mapped(const struct glibc *glibc, const struct glibc_extents *arenas,
		       const struct heap_visitor *visitor);

#endif
