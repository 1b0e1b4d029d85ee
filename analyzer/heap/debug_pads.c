#include "heap/debug_pads.h"

#define MOST_ROUNDING 64u /* bytes that an allocator gives more than it was asked for */

/* A block that shrank may have a quarter of it left over, one with a mapping most of a page. */
static bool is_size_of(uint64_t asked, const struct block_report *block)
{
	uint64_t least = asked + PAD_BYTES_BEFORE + PAD_BYTES_AFTER;

	return asked < block->size && least <= block->size &&
	       block->size - least <=
		       MOST_ROUNDING + block->size / 4 +
			       (block->place == BLOCK_MAPPED ? PAGE_SIZE_BYTES : 0);
}

/* The hooks of objects over those of malloc: what is within the outer pads has pads, too. */
static void read_inner(struct block_report *block, const uint8_t *bytes)
{
	uint64_t outer = block_user_size(block), asked;
	const uint8_t *inner = bytes + PAD_BYTES_BEFORE;

	if (outer < PAD_BYTES_BEFORE + PAD_BYTES_AFTER || !debug_pads_begin(inner))
		return;
	asked = __builtin_bswap64(load_u64(inner));
	if (asked > outer || (asked + PAD_BYTES_BEFORE + PAD_BYTES_AFTER != outer &&
			      asked + PAD_BYTES_BEFORE + PAD_BYTES_AFTER + PAD_SERIAL != outer))
		return;
	block->pads |= PADS_TWICE;
	block->domain = (char)inner[8];
	block->rest = (uint32_t)(block->size - 2 * PAD_BYTES_BEFORE - asked);
	if (load_u64(inner + PAD_BYTES_BEFORE + asked) != PAD_WORD)
		block->pads |= PADS_TAIL_DAMAGED;
}

void debug_pads_read(struct block_report *block, const uint8_t *bytes, bool expected)
{
	uint64_t asked = __builtin_bswap64(load_u64(bytes));
	bool has_domain = is_pad_domain(bytes[8]);
	bool has_bytes = load_u64(bytes + 8) >> 8 == PAD_WORD >> 8;
	bool has_size = is_size_of(asked, block);
	bool has_tail = has_size && load_u64(bytes + PAD_BYTES_BEFORE + asked) == PAD_WORD;

	if (!expected && !(has_domain && (has_bytes || has_tail)))
		return;
	block->pads = PADS_SOUND;
	block->domain = has_domain ? (char)bytes[8] : 0;
	block->rest =
		has_size ? (uint32_t)(block->size - PAD_BYTES_BEFORE - asked) : PAD_BYTES_AFTER;
	if (!has_domain || !has_size || !has_bytes)
		block->pads |= PADS_HEAD_DAMAGED;
	if (has_size && !has_tail)
		block->pads |= PADS_TAIL_DAMAGED;
	if (block->pads == PADS_SOUND)
		read_inner(block, bytes);
}
