#include "analysis/shortest_cycle.h"
#include "support/graph_builder.h"
#include "support/steps_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* The sites' texts, with spaces between; skipped: one of them, or NULL. */
static void expect_cycle(const char *text, const char *order, const char *skipped,
			 const char *expected)
{
	struct built_steps built;
	struct error err = {0};
	struct cycle_search *search;
	bool skip[STEPS_MOST * STEPS_MOST] = {false};
	const uint32_t *sites;
	char found[512] = "";
	uint32_t count;

	build_steps(&built, text, order);
	if (skipped)
		skip[built_site(&built, skipped)] = true;
	search = cycle_search_create(&built.steps, &err);
	cr_assert(search, "%s", err.message);
	count = cycle_search_shortest(search, cycle_part_nodes(&built.steps, 0), skip, &sites);
	for (uint32_t i = 0; i < count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
			 i ? " " : "", built.site_text[sites[i]]);
	cr_expect_str_eq(found, expected, "%s, %s: %s", text, order ? order : "", found);
	cycle_search_free(search);
}

Test(shortest_cycle, of_an_object_that_refers_to_itself_is_one_step)
{
	expect_cycle("a-me>a", NULL, NULL, "me");
	expect_cycle("a-x>b b-y>a b-me>b", NULL, NULL, "me");
}

Test(shortest_cycle, takes_the_short_way_back)
{
	expect_cycle("a-p>b b-q>c c-r>d d-s>a c-t>a", NULL, NULL, "p q t");
}

Test(shortest_cycle, begins_with_the_least_site)
{
	expect_cycle("a-parent>b b-child>a", NULL, NULL, "child parent");
	expect_cycle("a-x>b b-c>c c-x>d d-b>a", NULL, NULL, "b x c x");
}

Test(shortest_cycle, of_several_is_the_least_whatever_the_addresses)
{
	static const char text[] = "a-left>b b-parent>a a-right>c c-parent>a b-k>d d-l>e e-m>b";
	static const char *const orders[] = {"abcde", "edcba", "cabed", "bdeca"};

	for (size_t i = 0; i < ARRAY_COUNT(orders); i++)
		expect_cycle(text, orders[i], NULL, "left parent");
}

Test(shortest_cycle, of_three_steps_is_the_least_whatever_the_addresses)
{
	static const char text[] = "a-m>b b-n>c c-o>a a-p>d d-b>e e-c>a";
	static const char *const orders[] = {"abcde", "edcba", "cabed", "bdeca"};

	for (size_t i = 0; i < ARRAY_COUNT(orders); i++)
		expect_cycle(text, orders[i], NULL, "b c p");
}

Test(shortest_cycle, leaves_out_what_is_skipped)
{
	expect_cycle("a-x>b b-y>a a-z>c c-u>d d-v>a", NULL, "y", "u v z");
	expect_cycle("a-x>b b-y>a", NULL, "x", "");
}

/* With x skipped, all that is left is behind the cycle of a, b and c.  Which of the nodes the
 * search begins at depends on the name of the site by which they follow each other. */
Test(shortest_cycle, is_found_where_most_nodes_are_only_behind_it)
{
	for (char site = 'd'; site < 'x'; site++) {
		char text[512] = "a-a>b b-b>c c-c>a v-x>a";

		for (char node = 'c'; node < 'v'; node++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), " %c-%c>%c",
				 node, site, node + 1);
		expect_cycle(text, NULL, "x", "a b c");
	}
}

/* Steps of a ring of nodes, each with one back to the node before if it is doubly linked. */
static void ring(struct cycle_steps *steps, uint32_t count, bool is_double)
{
	uint32_t each = is_double ? 2 : 1;

	*steps = (struct cycle_steps){
		.part_count = 1,
		.node_count = count,
		.site_count = 2,
		.first_node = calloc(2, sizeof(uint32_t)),
		.object = calloc(count, sizeof(uint32_t)),
		.first_step = calloc(count + 1, sizeof(uint32_t)),
		.steps = calloc((size_t)count * each, sizeof(struct cycle_step)),
		.site_hash = calloc(2, sizeof(uint64_t)),
	};
	steps->first_node[1] = count;
	steps->site_hash[1] = 1;
	for (uint32_t i = 0; i < count; i++) {
		steps->steps[i * each] = (struct cycle_step){0, (i + 1) % count};
		if (is_double)
			steps->steps[i * each + 1] =
				(struct cycle_step){1, (i + count - 1) % count};
		steps->first_step[i + 1] = (i + 1) * each;
	}
}

static void expect_ring(uint32_t count, bool is_double, uint32_t expected)
{
	struct cycle_steps steps;
	struct error err = {0};
	const uint32_t *sites;
	struct cycle_search *search;

	ring(&steps, count, is_double);
	search = cycle_search_create(&steps, &err);
	cr_assert(search);
	cr_assert_eq(cycle_search_shortest(search, cycle_part_nodes(&steps, 0), NULL, &sites),
		     expected);
	cycle_search_free(search);
	free(steps.first_node);
	free(steps.object);
	free(steps.first_step);
	free(steps.steps);
	free(steps.site_hash);
}

Test(shortest_cycle, goes_round_a_ring_of_200000)
{
	expect_ring(200000, false, 200000);
	expect_ring(200000, true, 2);
}

/* All sequences of sites of that length that come back to where they began, the least. */
static void slow_least(const struct built_steps *built, uint32_t start, uint32_t node,
		       uint32_t *path, uint32_t depth, uint32_t length, uint32_t *ret)
{
	for (uint32_t s = built->first_step[node]; s < built->first_step[node + 1]; s++) {
		path[depth] = built->step[s].site;
		if (depth + 1 < length)
			slow_least(built, start, built->step[s].target, path, depth + 1, length,
				   ret);
		else if (built->step[s].target == start &&
			 (ret[0] == SITE_NONE || memcmp(path, ret, length * sizeof(*path)) < 0))
			memcpy(ret, path, length * sizeof(*path));
	}
}

static void random_steps(struct built_steps *built, uint64_t *state)
{
	char text[1024] = "";
	uint32_t nodes = 1 + random_below(state, 6);

	for (uint32_t left = 1 + random_below(state, 10); left > 0; left--)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%c-%c>%c ",
			 'a' + (int)random_below(state, nodes),
			 'p' + (int)random_below(state, 4),
			 'a' + (int)random_below(state, nodes));
	build_steps(built, text, NULL);
}

/* Of one and two steps the very least; of longer ones the length is held. */
Test(shortest_cycle, agrees_with_all_ways_on_2000_random_graphs)
{
	uint64_t state = 4;

	for (int round = 0; round < 2000; round++) {
		struct built_steps built;
		struct error err = {0};
		struct cycle_search *search;
		const uint32_t *sites;
		uint32_t length = 0, found, path[8], least[8] = {SITE_NONE};

		random_steps(&built, &state);
		for (uint32_t wanted = 1; wanted <= built.steps.node_count && !length;
		     wanted++) {
			for (uint32_t node = 0; node < built.steps.node_count; node++)
				slow_least(&built, node, node, path, 0, wanted, least);
			length = least[0] == SITE_NONE ? 0 : wanted;
		}
		search = cycle_search_create(&built.steps, &err);
		found = cycle_search_shortest(search, cycle_part_nodes(&built.steps, 0), NULL,
					      &sites);
		cr_assert_eq(found, length);
		if (length && length <= 2)
			cr_assert_arr_eq(sites, least, length * sizeof(*sites));
		cycle_search_free(search);
	}
}
