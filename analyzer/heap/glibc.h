/*
 * glibc's malloc: arenas of chunks, without symbols or debug info.  An arena report is one
 * contiguous region of an arena: the brk heap, a heap of a thread's arena.  Chunks with a
 * mapping of their own are blocks in no arena, reported after all arenas.
 *
 * Refuses to know: what is in the blocks.
 */
#ifndef HEAP_GLIBC_H
#define HEAP_GLIBC_H

#include "heap/allocator.h"

extern const struct allocator_ops glibc_allocator;

#endif
