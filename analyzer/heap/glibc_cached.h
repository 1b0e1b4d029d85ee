/*
 * Blocks that were freed and that their neighbours still count as used: those in the tcache of
 * any thread, and in the fastbins of any arena.
 */
#ifndef HEAP_GLIBC_CACHED_H
#define HEAP_GLIBC_CACHED_H

#include "heap/glibc_format.h"

/* Sets cached.  A list that is damaged is an anomaly, and counts up to the damage. */
void glibc_find_cached(struct glibc *glibc);

#endif
