/*
 * The pads that Python's debug allocators put around a block:
 *
 *	OFFSET SIZE MEANING
 *	     0    8 size asked for, big-endian
 *	     8    1 allocator's letter
 *	     9    7 0xfd
 *	    16    n what the program has
 *	  16+n    8 0xfd, and more behind them
 *
 * Mirrors Objects/obmalloc.c, 3.8 to 3.15.
 */
#ifndef PIPELINE_BLOCK_PADS_H
#define PIPELINE_BLOCK_PADS_H

#include "core/image.h"

/* Of a block with pads what the program has of it, and true; others are left as they are. */
bool block_within_pads(const struct image *image, size_t *hint, addr_t *address, uint64_t *size);

#endif
