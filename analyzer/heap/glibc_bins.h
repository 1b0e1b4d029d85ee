/*
 * The bins of each arena, for damage only: which chunks are free is told by the chunks
 * themselves.
 */
#ifndef HEAP_GLIBC_BINS_H
#define HEAP_GLIBC_BINS_H

#include "heap/glibc_format.h"

/* A list that leaves the heap, has no end or does not lead back is an anomaly. */
void glibc_check_bins(struct glibc *glibc);

#endif
