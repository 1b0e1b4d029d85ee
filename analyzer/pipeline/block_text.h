/*
 * Is what a block holds text?  Then its words are no addresses, and its size says nothing of
 * whose it is.
 */
#ifndef PIPELINE_BLOCK_TEXT_H
#define PIPELINE_BLOCK_TEXT_H

#include "base/types.h"

#define MALLOC_STEP   16u /* bytes that malloc rounds up to */
#define SHORTEST_TEXT 8u  /* bytes; fewer may be text by chance */

/* Bytes of strings that begin at text, one behind the other, with their ends. */
uint64_t text_length(const uint8_t *text, uint64_t size);

/* Text fills the block, but for what malloc rounds up, and what it leaves of a larger free one. */
bool block_is_text(const uint8_t *bytes, uint64_t size);

#endif
