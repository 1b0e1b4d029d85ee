#include "analysis/ledger.h"
#include "support/slow_graph.h"

#include <criterion/criterion.h>

static struct ledger ledger_of(const struct graph *graph)
{
	struct ledger ledger;
	struct error err = {0};

	cr_assert(ledger_compute(graph, &ledger, &err));
	return ledger;
}

Test(ledger, counts_only_counted_references_and_known_roots)
{
	struct graph *graph = graph_from_text("a->b a+>b a~>b a.>b a?>b !b ?b b:rc5");
	struct ledger ledger = ledger_of(graph);

	cr_assert_eq(ledger.found[B], 3);
	cr_assert_eq(ledger.surplus[B], 2);
	ledger_release(&ledger);
	graph_free(graph);
}

Test(ledger, takes_a_static_objects_initial_pointers_from_its_count)
{
	struct graph *graph = graph_from_text("a->b a->b a->b b:rc1 b:static-2");
	struct ledger ledger = ledger_of(graph);

	cr_assert_eq(ledger.found[B], 1);
	cr_assert_eq(ledger.surplus[B], 0);
	ledger_release(&ledger);
	graph_free(graph);
}

Test(ledger, says_nothing_of_immortal_and_unreadable_counts)
{
	struct graph *graph = graph_from_text("a:rc9 a:immortal b");
	struct ledger ledger = ledger_of(graph);

	cr_assert_eq(ledger.surplus[A], 0);
	cr_assert_eq(ledger.surplus[B], 0);
	ledger_release(&ledger);
	graph_free(graph);
}

Test(ledger, reports_a_reference_too_many_as_negative)
{
	struct graph *graph = graph_from_text("a->b a->b b:rc1");
	struct ledger ledger = ledger_of(graph);

	cr_assert_eq(ledger.surplus[B], -1);
	ledger_release(&ledger);
	graph_free(graph);
}

Test(ledger, stops_at_the_end_of_the_numbers_for_a_damaged_count)
{
	struct graph *graph = graph_from_text("a->a a:rc-9223372036854775808");
	struct ledger ledger = ledger_of(graph);

	cr_assert_eq(ledger.surplus[A], INT64_MIN);
	ledger_release(&ledger);
	graph_free(graph);
}

Test(ledger, agrees_with_counting_one_by_one_on_1000_random_graphs)
{
	uint64_t state = 1;

	for (int round = 0; round < 1000; round++) {
		struct graph *graph = random_graph(&state);
		struct ledger ledger = ledger_of(graph);
		struct slow_state expected;

		slow_state(graph, &expected);
		for (uint32_t i = 0; i < graph->object_count; i++)
			cr_assert_eq(ledger.surplus[i], expected.surplus[i]);
		ledger_release(&ledger);
		graph_free(graph);
	}
}
