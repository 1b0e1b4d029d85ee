#include "analysis/collector.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

/* Of a graph whose objects stand in the generations of `digits`, one each. */
static struct collector_pass pass_over(const char *text, const char *digits, uint8_t oldest)
{
	struct graph *graph = graph_from_text(text);
	uint8_t *generations = (uint8_t *)graph->generation;
	struct collector_pass pass;
	struct error err = {0};

	for (uint32_t i = 0; i < graph->object_count; i++)
		generations[i] = (uint8_t)(digits[i] - '0');
	cr_assert(collector_pass(graph, oldest, &pass, &err));
	graph_free(graph);
	return pass;
}

Test(collector, finds_a_dropped_cycle_and_what_only_it_holds)
{
	struct collector_pass pass =
		pass_over("a->b b->a b->c a:rc1 b:rc1 c:rc1 d:rc1 b:size9 c:owned5", "0000", 0);

	cr_assert_eq(pass.visited, 4u);
	cr_assert_eq(pass.followed, 3u);
	cr_assert_eq(pass.found, 3u);
	cr_assert_eq(pass.found_bytes, 1u + 9u + 1u + 5u);
}

Test(collector, takes_references_from_older_generations_for_held)
{
	const char *text = "a->b b->a c->a a:rc2 b:rc1 c:rc0";

	cr_assert_eq(pass_over(text, "002", 0).found, 0u);
	cr_assert_eq(pass_over(text, "002", 0).visited, 2u);
	cr_assert_eq(pass_over(text, "002", 2).found, 3u);
}

Test(collector, never_looks_at_the_permanent_generation)
{
	struct collector_pass pass = pass_over("a->b b->a a:rc1 b:rc1", "33", 2);

	cr_assert_eq(pass.visited, 0u);
	cr_assert_eq(pass.found, 0u);
}

Test(collector, keeps_what_is_held_by_counts_that_are_not_traversed)
{
	cr_assert_eq(pass_over("a->b b->a c+>b a:rc1 b:rc2 c:rc1", "000", 2).found, 0u);
	cr_assert_eq(pass_over("a->a a:rc2", "0", 2).found, 0u);
}

Test(collector, sees_nothing_through_untracked_and_immortal_objects)
{
	cr_assert_eq(pass_over("a->b b->a a:rc1 b:rc1 b:untracked", "00", 2).found, 0u);
	cr_assert_eq(pass_over("a->b b->a a:rc1 b:rc1 b:immortal", "00", 2).found, 0u);
	cr_assert_eq(pass_over("a->b b->a a:rc1 b:rc1 b:immortal", "00", 2).visited, 2u);
}

/* As letters: which objects lead to tracked ones; a type is object h. */
static void check_leads(const char *text, const char *expected)
{
	struct graph *graph = graph_from_text(text);
	uint32_t type_object = graph->object_count > H ? H : OBJECT_NONE;
	struct error err = {0};
	bool *leads;

	cr_assert(collector_leads(graph, &type_object, &leads, &err));
	for (uint32_t i = 0; i < graph->object_count && i < H; i++)
		cr_assert_eq(leads[i], strchr(expected, 'a' + (int)i) != NULL, "%c of %s",
			     'a' + (int)i, text);
	free(leads);
	graph_free(graph);
}

Test(collector, leads_to_tracked_objects_over_untracked_ones)
{
	check_leads("a->b b->c c->d b:untracked c:untracked", "abc");
	check_leads("a->b b->c b:untracked c:untracked", "");
	check_leads("a->a", "a");
	check_leads("a->b b->c c->b c->d b:untracked c:untracked", "abc");
}

Test(collector, does_not_count_that_an_object_leads_to_its_type)
{
	check_leads("a->h b->h b->a h->a c d e f g", "b");
}

Test(collector, does_not_count_weak_and_borrowed_references_to_tracked_objects)
{
	check_leads("a~>b a.>c b+>c", "b");
}
