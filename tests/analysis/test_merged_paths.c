#include "analysis/merged_paths.h"

#include <criterion/criterion.h>

enum { LABEL_NEXT, LABEL_ITEM, LABEL_VALUE, LABEL_DICT, LABELS };

static const uint8_t roles[LABELS] = {PATH_NAME, PATH_ITEM, PATH_VALUE, PATH_NAMESPACE};
static const bool open_starts[] = {false, true};

#define NONE OBJECT_NONE

static struct merged_paths merged_of(uint32_t count, const uint32_t *parent,
				     const uint32_t *label, const uint32_t *key)
{
	struct path_steps steps = {count, LABELS, parent, label, key, roles, open_starts};
	struct merged_paths merged;
	struct error err = {0};

	cr_assert(merged_paths_init(&merged, &steps, &err));
	return merged;
}

Test(merged_paths, put_items_of_a_list_on_one_branch)
{
	const uint32_t parent[] = {NONE, 0, 0, 0}, key[] = {NONE, NONE, NONE, NONE};
	const uint32_t label[] = {0, LABEL_ITEM, LABEL_ITEM, LABEL_ITEM};
	struct merged_paths merged = merged_of(4, parent, label, key);

	for (uint32_t i = 1; i < 4; i++)
		cr_assert(merged_paths_add(&merged, i, 10));
	merged_paths_sum(&merged);
	cr_assert_eq(merged.branches.count, 2u);
	cr_expect_eq(merged.branches.items[1].objects, 3u);
	cr_expect_eq(merged.branches.items[0].objects, 0u);
	cr_expect_eq(merged.branches.items[0].total_bytes, 30u);
	merged_paths_release(&merged);
}

Test(merged_paths, tell_values_apart_in_namespaces_and_in_dicts_of_few)
{
	/* 0.__dict__ is 1, whose values 2 and 3 have the keys 8 and 9; 2[8], 2[9] are 4 and 5. */
	const uint32_t parent[] = {NONE, 0, 1, 1, 2, 2};
	const uint32_t key[] = {NONE, NONE, 8, 9, 8, 9};
	const uint32_t label[] = {0,           LABEL_DICT,  LABEL_VALUE,
				  LABEL_VALUE, LABEL_VALUE, LABEL_VALUE};
	struct merged_paths merged = merged_of(6, parent, label, key);

	for (uint32_t i = 2; i < 6; i++)
		cr_assert(merged_paths_add(&merged, i, 1));
	merged_paths_sum(&merged);
	cr_expect_eq(merged.branches.count, 6u);
	merged_paths_release(&merged);
}

Test(merged_paths, tell_the_values_of_an_open_start_apart)
{
	uint32_t parent[50], key[50], label[50];
	struct merged_paths merged;

	for (uint32_t i = 0; i < 50; i++) {
		parent[i] = i ? 0 : NONE;
		label[i] = i ? LABEL_VALUE : 1;
		key[i] = 100 + i;
	}
	merged = merged_of(50, parent, label, key);
	for (uint32_t i = 1; i < 50; i++)
		cr_assert(merged_paths_add(&merged, i, 1));
	cr_expect_eq(merged.branches.count, 50u);
	merged_paths_release(&merged);
	label[0] = 0;
	merged = merged_of(50, parent, label, key);
	for (uint32_t i = 1; i < 50; i++)
		cr_assert(merged_paths_add(&merged, i, 1));
	cr_expect_eq(merged.branches.count, 2u);
	merged_paths_release(&merged);
}

Test(merged_paths, lead_a_list_of_a_million_back_to_one_branch)
{
	static uint32_t parent[1000000], label[1000000], key[1000000];
	struct merged_paths merged;

	for (uint32_t i = 0; i < ARRAY_COUNT(parent); i++) {
		parent[i] = i ? i - 1 : NONE;
		label[i] = i ? LABEL_NEXT : 0;
		key[i] = NONE;
	}
	merged = merged_of(ARRAY_COUNT(parent), parent, label, key);
	for (uint32_t i = ARRAY_COUNT(parent); i-- > 0;)
		cr_assert(merged_paths_add(&merged, i, 1));
	merged_paths_sum(&merged);
	cr_assert_eq(merged.branches.count, 2u);
	cr_expect_eq(merged.branches.items[1].objects, ARRAY_COUNT(parent) - 1);
	cr_expect(merged.branches.items[1].repeats);
	cr_expect_eq(merged.branches.items[0].total_objects, ARRAY_COUNT(parent));
	merged_paths_release(&merged);
}

Test(merged_paths, fold_lists_in_lists_of_many_levels_only)
{
	uint32_t parent[20], label[20], key[20];
	struct merged_paths merged;

	for (uint32_t i = 0; i < 20; i++) {
		parent[i] = i ? i - 1 : NONE;
		label[i] = i ? LABEL_ITEM : 0;
		key[i] = NONE;
	}
	merged = merged_of(20, parent, label, key);
	cr_assert(merged_paths_add(&merged, 19, 1));
	cr_expect_eq(merged.branches.count, 4u);
	merged_paths_release(&merged);
}
