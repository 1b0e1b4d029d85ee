/*
 * CPython's small-object allocator: blocks of up to 512 bytes, in pools of one size class
 * each, in arenas.  Refuses to know what is in the blocks.
 */
#ifndef HEAP_PYMALLOC_H
#define HEAP_PYMALLOC_H

#include "heap/allocator.h"

extern const struct allocator_ops pymalloc_allocator;

#endif
