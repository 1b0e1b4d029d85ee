#include "pipeline/block_text.h"

#include <criterion/criterion.h>

Test(block_text, fills_the_block_but_for_what_malloc_leaves)
{
	uint8_t block[80] = "a sentence, of a certain length";

	memset(block + 32, 0xee, sizeof(block) - 32);
	cr_expect(block_is_text(block, 40));
	cr_expect(block_is_text(block, 56));
	cr_expect_not(block_is_text(block, 72));
}

Test(block_text, is_not_a_few_letters_nor_bytes_without_an_end)
{
	cr_expect_not(block_is_text((const uint8_t *)"abc\0\0\0\0", 8));
	cr_expect_not(block_is_text((const uint8_t *)"abcdefghijklmnop", 16));
	cr_expect_not(block_is_text((const uint8_t *)"\x10zzz\x7f\x55\0\0", 8));
}
