/*
 * Chunks with a mapping of their own: no list has them, so they are looked for at the pages
 * where they would begin, and their sum is held against malloc's.
 */
#ifndef HEAP_GLIBC_MAPPED_H
#define HEAP_GLIBC_MAPPED_H

#include "heap/glibc_format.h"

/* Blocks, ascending; needs regions. */
void glibc_each_mapped(const struct glibc *glibc, const struct heap_visitor *visitor);

#endif
