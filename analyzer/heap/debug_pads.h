/*
 * What Python's debug hooks (PYTHONMALLOC=debug, malloc_debug) put around each block of an
 * allocator; mirrors Objects/obmalloc.c of CPython 3.8 … 3.15.
 *
 *   OFFSET from the user's address  SIZE  MEANING
 *     -16                              8  bytes that were asked for (n), big-endian
 *      -8                              1  domain: r raw, m memory, o objects
 *      -7                              7  each 0xfd
 *       n                              8  each 0xfd
 *   n + 8                              8  serial number, only where Python was built with it
 *
 * What objects of more than 512 bytes have from malloc is padded twice under PYTHONMALLOC=debug.
 * Freed blocks are filled with 0xdd, those not written yet with 0xcd.  Whether the hooks are
 * installed is known by the blocks: 15 bytes that agree are no accident.
 *
 * Refuses to know: what is in the blocks; whose damage it is.
 */
#ifndef HEAP_DEBUG_PADS_H
#define HEAP_DEBUG_PADS_H

#include "core/bytes.h"
#include "heap/allocator.h"

#define PAD_BYTES_BEFORE 16u
#define PAD_BYTES_AFTER  8u
#define PAD_SERIAL       8u
#define PAD_WORD         0xfdfdfdfdfdfdfdfdull

/*
 * Sets pads, domain and rest of a block with these bytes [block->size]; leaves a block without
 * pads as it is.  `expected`: the hooks are installed, so that one without pads is damaged.
 */
void debug_pads_read(struct block_report *block, const uint8_t *bytes, bool expected);

static inline bool is_pad_domain(uint8_t letter)
{
	return letter == 'o' || letter == 'm' || letter == 'r';
}

/* Of 16 bytes or more: have they an undamaged head, as far as its last 8 bytes tell? */
static inline bool debug_pads_begin(const uint8_t *bytes)
{
	return load_u64(bytes + 8) >> 8 == PAD_WORD >> 8 && is_pad_domain(bytes[8]);
}

/* The same, when the head may be damaged: true where debug_pads_read() is worth a call. */
static inline bool debug_pads_may_begin(const uint8_t *bytes)
{
	return is_pad_domain(bytes[8]);
}

#endif
