/*
 * The arenas and the contiguous regions that each has: what the brk heap and its substitutes
 * are to the main arena, and heaps to those of threads.
 *
 * Refuses to know: chunks, but for where a walk over them can begin.
 */
#ifndef HEAP_GLIBC_ARENAS_H
#define HEAP_GLIBC_ARENAS_H

#include "heap/glibc_format.h"

/* True if the arenas' `next` come back to this one. */
bool glibc_ring_closes(const struct glibc *glibc, addr_t main_arena);
/* Adds the threads' arenas to the main one. */
void glibc_find_arenas(struct glibc *glibc);
/* Sets regions, ascending. */
void glibc_find_regions(struct glibc *glibc);

#endif
