#include "heap/debug_pads.h"

#include <criterion/criterion.h>

#define SIZE 64u

struct padded {
	uint8_t bytes[SIZE];
	struct block_report block;
};

/* A block of 30 bytes as the hooks put it into one of 64, and how it is read. */
static struct padded padded_block(void)
{
	struct padded padded = {.block = {.address = 0x1000, .size = SIZE}};

	memset(padded.bytes, 0xcd, sizeof(padded.bytes));
	memset(padded.bytes, 0, 8);
	padded.bytes[7] = 30;
	padded.bytes[8] = 'o';
	memset(padded.bytes + 9, 0xfd, 7);
	memset(padded.bytes + 16 + 30, 0xfd, 8);
	return padded;
}

Test(debug_pads, leave_the_user_s_part)
{
	struct padded padded = padded_block();

	cr_assert(debug_pads_begin(padded.bytes));
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_SOUND);
	cr_assert_eq(padded.block.domain, 'o');
	cr_assert_eq(block_user(&padded.block), 0x1010u);
	cr_assert_eq(block_user_size(&padded.block), 30u);
}

Test(debug_pads, are_not_seen_where_there_are_none)
{
	struct padded padded = {.block = {.address = 0x1000, .size = SIZE}};

	padded.bytes[8] = 'o';
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_NONE);
	cr_assert_eq(block_user(&padded.block), 0x1000u);
	cr_assert_eq(block_user_size(&padded.block), SIZE);
}

Test(debug_pads, tell_a_write_past_the_end)
{
	struct padded padded = padded_block();

	padded.bytes[16 + 30] = 0;
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_SOUND | PADS_TAIL_DAMAGED);
	cr_assert_eq(block_user_size(&padded.block), 30u);
}

Test(debug_pads, tell_a_write_before_the_start)
{
	struct padded padded = padded_block();

	padded.bytes[15] = 0;
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_SOUND | PADS_HEAD_DAMAGED);
	cr_assert_eq(block_user_size(&padded.block), 30u);
}

Test(debug_pads, bound_a_size_that_was_written_over)
{
	struct padded padded = padded_block();

	memset(padded.bytes, 0xff, 8);
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_SOUND | PADS_HEAD_DAMAGED);
	cr_assert_leq(block_user_size(&padded.block), SIZE - 24);
}

Test(debug_pads, are_damaged_where_all_others_have_them)
{
	struct padded padded = padded_block();

	memset(padded.bytes, 0x41, 16);
	debug_pads_read(&padded.block, padded.bytes, true);
	cr_assert_eq(padded.block.pads, PADS_SOUND | PADS_HEAD_DAMAGED);
	cr_assert_eq(padded.block.domain, 0);
}

Test(debug_pads, leave_room_for_a_serial_number)
{
	struct padded padded = padded_block();

	memset(padded.bytes + 16 + 30 + 8, 7, 8);
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_SOUND);
	cr_assert_eq(padded.block.rest, SIZE - 16 - 30);
}

Test(debug_pads, are_left_twice_where_one_allocator_s_hooks_call_another_s)
{
	struct padded padded = padded_block();

	memset(padded.bytes + 16, 0, 8);
	padded.bytes[16 + 7] = 6; /* of the 30: 16 before, 8 behind */
	padded.bytes[16 + 8] = 'm';
	memset(padded.bytes + 16 + 9, 0xfd, 7);
	memset(padded.bytes + 32 + 6, 0xfd, 8);
	debug_pads_read(&padded.block, padded.bytes, false);
	cr_assert_eq(padded.block.pads, PADS_SOUND | PADS_TWICE);
	cr_assert_eq(padded.block.domain, 'm');
	cr_assert_eq(block_user(&padded.block), 0x1020u);
	cr_assert_eq(block_user_size(&padded.block), 6u);
}
