#include "analysis/accumulation.h"

#include <criterion/criterion.h>

#define MOST 20000

static uint32_t parent[MOST], kind[MOST];
static uint64_t weight[MOST];
static bool is_entry[MOST];
static uint32_t count;
static struct accumulations found;

static uint32_t node(uint32_t above, uint64_t bytes, uint32_t its_kind, bool entry)
{
	parent[count] = above;
	weight[count] = bytes;
	kind[count] = its_kind;
	is_entry[count] = entry;
	return count++;
}

static uint32_t name(uint32_t above, uint64_t bytes)
{
	return node(above, bytes, 1000 + count, false);
}

static void entries(uint32_t above, uint32_t number, uint64_t bytes)
{
	while (number--)
		node(above, bytes, 7, true);
}

static void find(uint64_t least)
{
	struct owner_tree tree = {count, parent, weight, kind, is_entry};
	struct error err = {0};

	cr_assert(accumulations_find(&tree, least, &found, &err), "%s", err.message);
}

static void assert_found(size_t place, uint32_t expected, uint64_t bytes)
{
	cr_assert_lt(place, found.items.count);
	cr_expect_eq(found.items.items[place].node, expected);
	cr_expect_eq(found.items.items[place].bytes, bytes);
}

static void start(void)
{
	count = 0;
}

static void end(void)
{
	accumulations_release(&found);
}

TestSuite(accumulation, .init = start, .fini = end);

Test(accumulation, is_at_the_container_whose_entries_are_many)
{
	uint32_t modules = name(TREE_ROOT, 1), module = name(modules, 1);
	uint32_t cache = name(module, 10);

	name(module, 5);
	entries(cache, 1000, 1);
	find(100);
	cr_assert_eq(found.items.count, 1u);
	assert_found(0, cache, 1010);
}

Test(accumulation, is_at_each_of_several_owners)
{
	uint32_t module = name(TREE_ROOT, 1);
	uint32_t first = name(module, 10), second = name(module, 10);

	entries(first, 300, 1);
	entries(second, 500, 1);
	find(100);
	cr_assert_eq(found.items.count, 2u);
	assert_found(0, second, 510);
	assert_found(1, first, 310);
}

Test(accumulation, is_at_an_entry_only_if_few_have_nearly_everything)
{
	uint32_t users = name(TREE_ROOT, 0), config = name(TREE_ROOT, 0);
	uint32_t large = node(config, 900, 7, true);

	entries(users, 5, 200);
	entries(config, 10, 10);
	find(150);
	cr_assert_eq(found.items.count, 2u);
	assert_found(0, users, 1000);
	assert_found(1, large, 900);
}

Test(accumulation, of_what_is_left_is_the_nodes_own)
{
	uint32_t session = name(TREE_ROOT, 0), map = name(session, 0);

	entries(map, 400, 1);
	for (int i = 0; i < 300; i++)
		name(session, 1);
	find(100);
	cr_assert_eq(found.items.count, 2u);
	assert_found(0, map, 400);
	assert_found(1, session, 300);
}

Test(accumulation, of_a_linked_list_is_at_its_first_link)
{
	uint32_t queue = name(TREE_ROOT, 0), first = node(queue, 3, 9, false);
	uint32_t link = first;

	for (int i = 1; i < 1000; i++) {
		link = node(name(link, 1), 3, 9, false);
		weight[count - 1] = 3;
	}
	find(500);
	cr_assert_eq(found.items.count, 1u);
	assert_found(0, first, 3999);
}

static void grow(uint32_t above, int depth)
{
	uint32_t tree = node(above, 1, 9, false);

	for (int i = 0; i < 2 && depth; i++)
		grow(tree, depth - 1);
}

Test(accumulation, of_a_tree_of_things_alike_is_at_its_root_once)
{
	uint32_t holder = name(TREE_ROOT, 0);

	grow(holder, 12);
	find(10);
	cr_assert_eq(found.items.count, 1u);
	assert_found(0, holder + 1, 8191);
}

Test(accumulation, is_nowhere_if_nothing_is_large)
{
	for (int i = 0; i < 1000; i++)
		name(TREE_ROOT, 1);
	find(100);
	cr_assert_eq(found.items.count, 0u);
}

Test(accumulation, order_has_everything_after_what_is_below_it)
{
	static const uint32_t parents[] = {TREE_ROOT, 0, 4, 0, 1};
	uint32_t order[5], place[5];
	struct error err = {0};

	cr_assert(owner_tree_order(parents, 5, order, &err));
	for (uint32_t i = 0; i < 5; i++)
		place[order[i]] = i;
	for (uint32_t i = 1; i < 5; i++)
		cr_expect_gt(place[parents[i]], place[i]);
}
