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

/* The ledger's row of one object. */
static struct row {
	int64_t found, surplus;
} row_of(const char *text, uint32_t object)
{
	struct graph *graph = graph_from_text(text);
	struct ledger ledger = ledger_of(graph);
	struct row row = {ledger.found[object], ledger.surplus[object]};

	ledger_release(&ledger);
	graph_free(graph);
	return row;
}

Test(ledger, counts_only_counted_references_and_known_roots)
{
	struct row row = row_of("a->b a+>b a~>b a.>b a?>b !b ?b b:rc5", B);

	cr_assert_eq(row.found, 3);
	cr_assert_eq(row.surplus, 2);
}

Test(ledger, takes_a_static_objects_initial_pointers_from_its_count)
{
	struct row row = row_of("a->b a->b a->b b:rc1 b:static-2", B);

	cr_assert_eq(row.found, 1);
	cr_assert_eq(row.surplus, 0);
}

Test(ledger, says_nothing_of_immortal_and_unreadable_counts)
{
	const char *text = "a:rc9 a:immortal b";

	cr_assert_eq(row_of(text, A).surplus, 0);
	cr_assert_eq(row_of(text, B).surplus, 0);
}

Test(ledger, reports_a_reference_too_many_as_negative)
{
	cr_assert_eq(row_of("a->b a->b b:rc1", B).surplus, -1);
}

Test(ledger, stops_at_the_end_of_the_numbers_for_a_damaged_count)
{
	cr_assert_eq(row_of("a->a a:rc-9223372036854775808", A).surplus, INT64_MIN);
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

/* After settling; `roots` of the object's roots still count. */
static void settle(const char *text, uint32_t object, int64_t surplus, uint32_t roots)
{
	struct graph *graph = graph_from_text(text);
	struct ledger ledger = ledger_of(graph);
	uint32_t count = 0;

	ledger_settle(&ledger, graph);
	for (uint32_t i = 0; i < graph->root_count; i++)
		count += graph->roots[i].object == object &&
			 !root_is_guess(graph->roots[i].kind) && graph->roots[i].counted;
	cr_assert_eq(ledger.surplus[object], surplus);
	cr_assert_eq(count, roots);
	ledger_release(&ledger);
	graph_free(graph);
}

Test(ledger, takes_a_c_variable_for_borrowed_where_counts_do_not_suffice)
{
	settle("!a b->a a:rc1 b", A, 0, 0);
	settle("!a b->a a:rc2 b", A, 0, 1);
}

Test(ledger, lets_a_running_c_function_hold_what_misses_a_count)
{
	settle("@a b->a a:rc2 b", A, 0, 1);
	settle("@a b->a a:rc3 b", A, 1, 1);
}

Test(ledger, takes_the_words_of_a_c_function_for_stale_where_no_count_is_missing)
{
	settle("@a b->a a:rc1 b", A, 0, 0);
	settle("@a @c b->a b->c a:rc1 c:rc2 b", A, 0, 0);
	settle("@a @c b->a b->c a:rc1 c:rc2 b", C, 0, 1);
}

Test(ledger, explains_nothing_by_a_c_function_that_holds_less_than_is_missing)
{
	settle("@a @c b->a b->c a:rc2 c:rc2 b", A, 1, 0);
	settle("@a @c b->a b->c a:rc2 c:rc2 b", C, 1, 0);
}
