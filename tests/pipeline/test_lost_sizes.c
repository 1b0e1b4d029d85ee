#include "pipeline/lost_sizes.h"

#include <criterion/criterion.h>

static uint64_t common(uint32_t of_72, uint32_t of_88, uint64_t size)
{
	struct lost_sizes sizes = {.failed = false};
	uint64_t ret;

	for (uint32_t i = 0; i < of_72; i++)
		lost_sizes_count(&sizes, 72);
	for (uint32_t i = 0; i < of_88; i++)
		lost_sizes_count(&sizes, 88);
	ret = lost_sizes_common(&sizes, size);
	lost_sizes_release(&sizes);
	return ret;
}

Test(lost_sizes, few_blocks_with_a_rest_are_of_the_common_size)
{
	cr_expect_eq(common(400, 3, 88), 72u);
	cr_expect_eq(common(400, 3, 72), 72u);
	cr_expect_eq(common(4, 1, 88), 72u);
}

Test(lost_sizes, as_many_blocks_of_the_next_size_are_another_leak)
{
	cr_expect_eq(common(400, 101, 88), 88u);
	cr_expect_eq(common(3, 1, 88), 88u);
	cr_expect_eq(common(0, 5, 88), 88u);
	cr_expect_eq(common(400, 0, 104), 104u);
}
