#include "base/address_set.h"

#include <criterion/criterion.h>

Test(address_set, ranks_members_in_address_order)
{
	struct address_set *set = address_set_create();
	addr_t members[] = {0x7f0000100008, 0x1000, 0x7f00000ffff8, 0x1008, 0x7fffffff0000};
	addr_t listed[5];

	for (size_t i = 0; i < 5; i++)
		cr_assert(address_set_add(set, members[i]));
	cr_assert(address_set_freeze(set));
	address_set_list(set, listed);
	for (size_t i = 0; i < 5; i++)
		cr_assert_eq(address_set_rank(set, listed[i]), i);
	cr_assert_eq(listed[0], 0x1000u);
	cr_assert_eq(listed[4], 0x7fffffff0000u);
	cr_assert_eq(address_set_rank(set, 0x1010), RANK_NONE);
	cr_assert_eq(address_set_rank(set, 0x1001), RANK_NONE);
	address_set_free(set);
}

Test(address_set, agrees_with_a_sorted_array_on_random_addresses)
{
	struct address_set *set = address_set_create();
	addr_t *listed;
	uint64_t state = 42;

	for (int i = 0; i < 20000; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		address_set_add(set, (state >> 20 & 0x3ffffff) << 3);
	}
	cr_assert(address_set_freeze(set));
	listed = malloc(address_set_count(set) * sizeof(*listed));
	address_set_list(set, listed);
	for (size_t i = 0; i < address_set_count(set); i++) {
		cr_assert(i == 0 || listed[i] > listed[i - 1]);
		cr_assert_eq(address_set_rank(set, listed[i]), i);
	}
	free(listed);
	address_set_free(set);
}

Test(address_set, finds_the_nearest_member_below)
{
	struct address_set *set = address_set_create();
	addr_t found;

	address_set_add(set, 0x500000);
	address_set_add(set, 0x900010);
	cr_assert(address_set_freeze(set));
	cr_assert_not(address_set_floor(set, 0x4fffff, &found));
	cr_assert(address_set_floor(set, 0x90000f, &found));
	cr_assert_eq(found, 0x500000u);
	cr_assert(address_set_floor(set, 0x7fff00000000, &found));
	cr_assert_eq(found, 0x900010u);
	address_set_free(set);
}
