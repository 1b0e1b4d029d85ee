#include "analysis/reachability.h"
#include "support/slow_graph.h"

#include <criterion/criterion.h>

static struct reachability reachability_of(struct graph *graph)
{
	struct ledger ledger;
	struct reachability reachability;
	struct error err = {0};

	cr_assert(ledger_compute(graph, &ledger, &err));
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (ledger.surplus[i] > 0)
			graph_want(graph, i);
	cr_assert(reachability_compute(graph, &ledger, &reachability, &err));
	ledger_release(&ledger);
	return reachability;
}

static void expect_states(const char *text, const char *expected)
{
	struct graph *graph = graph_from_text(text);
	struct reachability reachability = reachability_of(graph);

	cr_assert_eq(graph->object_count, strlen(expected));
	for (uint32_t i = 0; i < graph->object_count; i++) {
		const char *name = object_state_name(reachability.state[i]);

		cr_expect(*name == expected[i] || (*name == 'l' && name[1] == expected[i]),
			  "object %u is %s, expected %c", i, name, expected[i]);
	}
	reachability_release(&reachability);
	graph_free(graph);
}

/* g: garbage, i: live, e: leaked. */
Test(reachability, keeps_alive_what_a_known_root_leads_to)
{
	expect_states("!a a->b b+>c c:rc1 d:rc0", "iiig");
}

Test(reachability, does_not_follow_weak_borrowed_or_guessed_references)
{
	expect_states("!a a~>b a.>c a?>d", "iggg");
}

Test(reachability, follows_a_guess_to_what_has_unexplained_references)
{
	expect_states("!a a?>b b:rc1 b->c c:rc1 a?>d d:rc0", "iiig");
}

Test(reachability, lets_a_guessed_root_hold_only_what_has_unexplained_references)
{
	expect_states("?a a:rc1 ?b b:rc0 b->c c:rc1 a->d", "iggi");
}

Test(reachability, calls_leaked_what_only_unexplained_references_hold)
{
	expect_states("a:rc3 a->b b->a b:rc1 c->d d->c c:rc1 d:rc1 c->a", "eegg");
}

Test(reachability, calls_a_clean_cycle_garbage)
{
	expect_states("a->b b->a a:rc1 b:rc1", "gg");
}

Test(reachability, calls_garbage_what_goes_with_a_cycle_and_is_not_tracked)
{
	expect_states("a->b b->a a:rc1 b:rc1 b->c c:rc1 c:untracked", "ggg");
}

Test(reachability, calls_leaked_a_cycle_that_the_collector_cannot_see_through)
{
	expect_states("a->b b->a a:rc1 b:rc1 b:untracked a->c c:rc1", "eee");
	expect_states("a->b b+>a a:rc1 b:rc1", "ee");
}

Test(reachability, keeps_immortal_objects_alive_at_distance_zero)
{
	struct graph *graph = graph_from_text("!a a->b b:immortal c:immortal c->d");
	struct reachability reachability = reachability_of(graph);
	uint32_t expected[] = {0, 1, 0, 1};

	for (uint32_t i = 0; i < 4; i++) {
		cr_assert_eq(reachability.state[i], STATE_LIVE);
		cr_assert_eq(reachability.distance[i], expected[i]);
	}
	reachability_release(&reachability);
	graph_free(graph);
}

Test(reachability, measures_the_shortest_way_from_any_root)
{
	struct graph *graph = graph_from_text("!a a->b b->c c->d ?c c:rc2");
	struct reachability reachability = reachability_of(graph);
	uint32_t expected[] = {0, 1, 0, 1};

	for (uint32_t i = 0; i < 4; i++)
		cr_assert_eq(reachability.distance[i], expected[i]);
	reachability_release(&reachability);
	graph_free(graph);
}

Test(reachability, accepts_an_empty_graph)
{
	expect_states("", "");
}

Test(reachability, walks_a_chain_of_a_million)
{
	struct graph *graph = chain_graph(1000000, CHAIN_OPEN);
	struct reachability reachability = reachability_of(graph);

	cr_assert_eq(reachability.distance[999999], 999999u);
	reachability_release(&reachability);
	graph_free(graph);
}

Test(reachability, agrees_with_the_closure_on_1000_random_graphs)
{
	uint64_t state = 2;

	for (int round = 0; round < 1000; round++) {
		struct graph *graph = random_graph(&state);
		struct reachability reachability = reachability_of(graph);
		struct slow_state expected;

		slow_state(graph, &expected);
		for (uint32_t i = 0; i < graph->object_count; i++) {
			cr_assert_eq(reachability.state[i], expected.state[i]);
			cr_assert_eq(reachability.distance[i], expected.distance[i]);
			cr_assert_eq(reachability.held[i], expected.held[i]);
		}
		reachability_release(&reachability);
		graph_free(graph);
	}
}

Test(reachability, does_not_count_from_a_root_that_borrows)
{
	struct graph *graph = graph_from_text("!a a->b b->c !c");
	struct reachability reachability;
	struct ledger ledger;
	struct error err = {0};

	graph_set_counted(graph, 1, 0);
	cr_assert(ledger_compute(graph, &ledger, &err));
	cr_assert(reachability_compute(graph, &ledger, &reachability, &err));
	cr_expect_eq(reachability.distance[C], 2u);
	cr_expect_not(reachability.held[C]);
	reachability_release(&reachability);
	ledger_release(&ledger);
	graph_free(graph);
}
