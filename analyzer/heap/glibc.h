/*
 * glibc's malloc: arenas of chunks, without symbols or debug info.  An arena report is one
 * contiguous region of an arena: the brk heap, a heap of a thread's arena.  Chunks with a
 * mapping of their own are blocks in no arena, reported after all arenas.
 *
 * mallinfo2(3) counts a block in a tcache as used and one in a fastbin as free; both are cached
 * here, the latter with the place BLOCK_FASTBIN.
 *
 * Damage is an anomaly with its address and, where one was likely written past its end, another
 * with that of the block before it; what lies behind is walked from the next chunks that fit
 * together.
 *
 * Refuses to know: what is in the blocks.
 */
#ifndef HEAP_GLIBC_H
#define HEAP_GLIBC_H

#include "heap/allocator.h"

extern const struct allocator_ops glibc_allocator;

#endif
