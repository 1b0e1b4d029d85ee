#include "analysis/dominators.h"
#include "support/slow_graph.h"

#include <criterion/criterion.h>

struct answer {
	struct reachability reachability;
	struct dominators dominators;
};

static struct answer answer_of(const struct graph *graph)
{
	struct answer answer;
	struct ledger ledger;
	struct error err = {0};

	cr_assert(ledger_compute(graph, &ledger, &err));
	cr_assert(reachability_compute(graph, &ledger, &answer.reachability, &err));
	cr_assert(dominators_compute(graph, &answer.reachability, &answer.dominators, &err));
	ledger_release(&ledger);
	return answer;
}

static void release(struct answer *answer)
{
	reachability_release(&answer->reachability);
	dominators_release(&answer->dominators);
}

/* The dominators by letter, '-' for none. */
static void expect_dominators(const char *text, const char *expected)
{
	struct graph *graph = graph_from_text(text);
	struct answer answer = answer_of(graph);

	cr_assert_eq(graph->object_count, strlen(expected));
	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t dominator = answer.dominators.dominator[i];
		char letter = dominator == OBJECT_NONE ? '-' : (char)('a' + (int)dominator);

		cr_expect_eq(letter, expected[i], "of %c: %c, expected %c", 'a' + (int)i,
			     letter, expected[i]);
	}
	release(&answer);
	graph_free(graph);
}

Test(dominators, of_a_diamond_is_its_top)
{
	expect_dominators("!a a->b a->c b->d c->d d->e", "-aaad");
}

Test(dominators, are_none_for_what_two_roots_share)
{
	expect_dominators("!a !b a->c b->c c->d", "---c");
}

Test(dominators, see_an_accepted_guess_as_a_root)
{
	expect_dominators("!a a->b b->c ?c c:rc2", "-a-");
	expect_dominators("!a a->b b->c ?c c:rc1", "-ab");
}

Test(dominators, are_not_disturbed_by_garbage_that_refers_to_live_objects)
{
	expect_dominators("!a a->b c->b c->c", "-a-");
}

Test(dominators, of_a_dropped_cycle_hang_under_its_lowest_object)
{
	expect_dominators("a->b b->c c->a c->d e->d", "-ab--");
}

Test(dominators, of_leaked_objects_begin_where_unexplained_references_are)
{
	expect_dominators("a:rc1 a->b b->c c:rc2", "-a-");
}

Test(dominators, retain_sizes_and_owned_bytes)
{
	struct graph *graph = graph_from_text(
		"!a a->b a->c b->d c->d a:size1 b:size2 c:size4 d:size8 d:owned100 b:owned50");
	struct answer answer = answer_of(graph);
	uint64_t expected[] = {165, 52, 4, 108};

	for (uint32_t i = 0; i < 4; i++)
		cr_assert_eq(answer.dominators.retained[i], expected[i]);
	release(&answer);
	graph_free(graph);
}

Test(dominators, accept_an_empty_graph)
{
	expect_dominators("", "");
}

Test(dominators, accept_an_object_that_refers_to_itself)
{
	expect_dominators("a->a !b b->b", "--");
}

Test(dominators, walk_a_chain_of_a_million)
{
	for (enum chain_end end = CHAIN_OPEN; end <= CHAIN_CLOSED; end++) {
		struct graph *graph = chain_graph(1000000, end);
		struct answer answer = answer_of(graph);

		cr_assert_eq(answer.dominators.retained[0], 1000000u);
		cr_assert_eq(answer.dominators.retained[999999], 1u);
		cr_assert_eq(answer.dominators.dominator[999999], 999998u);
		release(&answer);
		graph_free(graph);
	}
}

/* Where the virtual root leads: the definition, without the search for it. */
static void slow_entries(const struct graph *graph, const struct slow_state *states,
			 bool entry[RANDOM_OBJECTS])
{
	bool garbage[RANDOM_OBJECTS] = {0};
	struct slow_paths paths;

	for (uint32_t i = 0; i < graph->object_count; i++)
		garbage[i] = states->state[i] == STATE_GARBAGE;
	slow_paths(graph, garbage, &paths);
	for (uint32_t i = 0; i < graph->object_count; i++) {
		entry[i] = states->held[i] || garbage[i];
		for (uint32_t j = 0; j < graph->object_count; j++)
			if (paths.leads[j][i] && (j < i || !paths.leads[i][j]) && j != i)
				entry[i] = false;
	}
	for (uint32_t i = 0; i < graph->object_count; i++)
		entry[i] |= states->held[i];
}

/* What can still be reached when `removed` is deleted (OBJECT_NONE: nothing is). */
static void reach_without(const struct graph *graph, const struct slow_state *states,
			  const bool *entry, uint32_t removed, bool ret[RANDOM_OBJECTS])
{
	bool keep[RANDOM_OBJECTS];
	struct slow_paths paths;

	for (uint32_t i = 0; i < graph->object_count; i++)
		ret[i] = entry[i] && i != removed;
	for (enum object_state state = STATE_LIVE; state <= STATE_LEAKED; state++) {
		for (uint32_t i = 0; i < graph->object_count; i++)
			keep[i] = i != removed && states->state[i] == state;
		slow_paths(graph, keep, &paths);
		for (uint32_t i = 0; i < graph->object_count; i++)
			for (uint32_t j = 0; j < graph->object_count; j++)
				ret[j] |= entry[i] && paths.leads[i][j];
	}
}

static uint32_t count_dominators(bool dominates[RANDOM_OBJECTS][RANDOM_OBJECTS],
				 uint32_t object, uint32_t count)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++)
		found += dominates[i][object];
	return found;
}

/* Dominators of an object stand in one line: the immediate one has one less than the object. */
static void check_dominators(const struct graph *graph, const struct dominators *dominators,
			     bool dominates[RANDOM_OBJECTS][RANDOM_OBJECTS])
{
	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t depth = count_dominators(dominates, i, graph->object_count);
		uint32_t dominator = dominators->dominator[i];
		uint64_t retained = 0;

		for (uint32_t j = 0; j < graph->object_count; j++)
			if (dominates[i][j])
				retained += graph->size[j] + graph->owned_size[j];
		cr_assert_eq(dominators->retained[i], retained);
		if (depth == 1) {
			cr_assert_eq(dominator, OBJECT_NONE);
			continue;
		}
		cr_assert_lt(dominator, graph->object_count);
		cr_assert(dominates[dominator][i]);
		cr_assert_eq(count_dominators(dominates, dominator, graph->object_count),
			     depth - 1);
	}
}

Test(dominators, agree_with_deletion_on_1000_random_graphs)
{
	uint64_t state = 5;

	for (int round = 0; round < 1000; round++) {
		struct graph *graph = random_graph(&state);
		struct answer answer = answer_of(graph);
		bool entry[RANDOM_OBJECTS], reached[RANDOM_OBJECTS];
		bool dominates[RANDOM_OBJECTS][RANDOM_OBJECTS] = {0};
		struct slow_state states;

		slow_state(graph, &states);
		slow_entries(graph, &states, entry);
		reach_without(graph, &states, entry, OBJECT_NONE, reached);
		for (uint32_t i = 0; i < graph->object_count; i++)
			cr_assert(reached[i]);
		for (uint32_t removed = 0; removed < graph->object_count; removed++) {
			reach_without(graph, &states, entry, removed, reached);
			for (uint32_t i = 0; i < graph->object_count; i++)
				dominates[removed][i] = !reached[i];
		}
		check_dominators(graph, &answer.dominators, dominates);
		release(&answer);
		graph_free(graph);
	}
}

Test(dominators, do_not_see_a_root_that_borrows)
{
	struct graph *graph = graph_from_text("!a a->b !b");
	struct answer answer;

	graph_set_counted(graph, 1, 0);
	answer = answer_of(graph);
	cr_expect_eq(answer.dominators.dominator[B], (uint32_t)A);
	release(&answer);
	graph_free(graph);
}

Test(dominators, leave_immortal_objects_under_the_virtual_root)
{
	expect_dominators("!a a->b b->c b:immortal", "--b");
}
