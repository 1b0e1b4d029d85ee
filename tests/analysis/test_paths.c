#include "analysis/paths.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct answer {
	struct ledger ledger;
	struct reachability reachability;
	struct dominators dominators;
	struct paths paths;
};

static struct answer answer_of(const struct graph *graph, const uint8_t *weight)
{
	struct answer answer;
	struct error err = {0};

	cr_assert(ledger_compute(graph, &answer.ledger, &err));
	cr_assert(reachability_compute(graph, &answer.ledger, &answer.reachability, &err));
	cr_assert(dominators_compute(graph, &answer.reachability, &answer.dominators, &err));
	cr_assert(paths_compute(graph, &answer.reachability, &answer.dominators, weight,
				&answer.paths, &err));
	return answer;
}

static void release(struct answer *answer)
{
	ledger_release(&answer->ledger);
	reachability_release(&answer->reachability);
	dominators_release(&answer->dominators);
	paths_release(&answer->paths);
}

/* The parents by letter, '-' where a path begins; every step weighs 2. */
static void expect_parents(const char *text, const char *expected)
{
	struct graph *graph = graph_from_text(text);
	uint8_t weight[64];
	struct answer answer;

	memset(weight, 2, sizeof(weight));
	answer = answer_of(graph, weight);
	cr_assert_eq(graph->object_count, strlen(expected));
	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t parent = answer.paths.parent[i];
		char letter = parent == OBJECT_NONE ? '-' : (char)('a' + (int)parent);

		cr_expect_eq(letter, expected[i], "of %c: %c, expected %c", 'a' + (int)i,
			     letter, expected[i]);
	}
	release(&answer);
	graph_free(graph);
}

Test(paths, lead_over_the_fewest_steps_of_equal_weight)
{
	expect_parents("!a a->b b->c c->d a->d", "-aba");
}

Test(paths, lead_over_references_that_hold)
{
	expect_parents("!a a->b b->c c->d a~>d a.>d a?>d", "-abc");
}

Test(paths, of_leaked_objects_begin_where_the_surplus_is)
{
	expect_parents("!a b->c c->d b:rc1", "--bc");
}

Test(paths, of_garbage_begin_at_one_of_a_cycle)
{
	expect_parents("!a b->c c->b c->d", "--bc");
}

Test(paths, go_round_a_heavy_step)
{
	struct graph *graph = graph_from_text("!a a->b a->c b->c");
	uint8_t weight[64];
	struct answer answer;

	/* a->c is the one heavy label. */
	memset(weight, 1, sizeof(weight));
	for (uint32_t r = 0; r < graph->reference_count; r++)
		((uint32_t *)graph->label)[r] = r;
	weight[1] = PATH_WEIGHT_MOST;
	answer = answer_of(graph, weight);
	cr_expect_eq(answer.paths.parent[C], (uint32_t)B);
	cr_expect_eq(answer.paths.depth[C], 2u);
	release(&answer);
	graph_free(graph);
}

/* From jump to jump, or to the parent where that leads too far. */
static uint32_t steps_to(const struct paths *paths, uint32_t object, uint32_t depth)
{
	uint32_t steps = 0;

	for (; paths->depth[object] > depth; steps++)
		object = paths->depth[paths->jump[object]] >= depth ? paths->jump[object]
								    : paths->parent[object];
	cr_expect_eq(object, depth);
	return steps;
}

Test(paths, of_a_chain_of_a_million_find_any_ancestor_in_few_jumps)
{
	struct graph *graph = chain_graph(1000000, CHAIN_CLOSED);
	uint8_t weight[64];
	struct answer answer;

	memset(weight, 2, sizeof(weight));
	answer = answer_of(graph, weight);
	cr_assert_eq(answer.paths.depth[999999], 999999u);
	cr_expect_lt(steps_to(&answer.paths, 999999, 8), 60u);
	cr_expect_lt(steps_to(&answer.paths, 999999, 777777), 60u);
	cr_expect_lt(steps_to(&answer.paths, 524288, 1), 60u);
	release(&answer);
	graph_free(graph);
}

/* Weights of the steps from the root to the object, by repeated relaxation. */
static uint64_t slow_cost(const struct graph *graph, const uint8_t *state,
			  const uint8_t *weight, uint32_t target)
{
	uint64_t cost[RANDOM_OBJECTS];

	memset(cost, 0xff, sizeof(cost));
	for (uint32_t i = 0; i < graph->root_count; i++)
		if (root_holds(&graph->roots[i]))
			cost[graph->roots[i].object] = 0;
	for (int round = 0; round < RANDOM_OBJECTS; round++)
		for (uint32_t i = 0; i < graph->object_count; i++)
			for (uint32_t r = graph->first_reference[i];
			     r < graph->first_reference[i + 1]; r++)
				if (graph_holds(graph, i, r) && cost[i] != UINT64_MAX &&
				    state[i] == STATE_LIVE &&
				    cost[i] + weight[r] < cost[graph->target[r]])
					cost[graph->target[r]] = cost[i] + weight[r];
	return cost[target];
}

static uint64_t path_cost(const struct paths *paths, const uint8_t *weight, uint32_t object)
{
	uint64_t cost = 0;

	for (; paths->parent[object] != OBJECT_NONE; object = paths->parent[object])
		cost += weight[paths->step[object]];
	return cost;
}

/* So that what a path costs is what its steps cost, and a constant. */
static void make_variables(struct graph *graph)
{
	for (uint32_t i = 0; i < graph->root_count; i++) {
		struct graph_root *root = (struct graph_root *)&graph->roots[i];

		root->kind = ROOT_GLOBAL;
		root->counted = 1;
	}
}

Test(paths, are_the_lightest_of_random_graphs)
{
	uint64_t state = 11;
	uint32_t compared = 0;

	for (int round = 0; round < 3000; round++) {
		struct graph *graph = random_graph(&state);
		uint8_t weight[1024];
		struct answer answer;

		cr_assert_lt(graph->reference_count, 1024u);
		for (uint32_t r = 0; r < graph->reference_count; r++) {
			((uint32_t *)graph->label)[r] = r;
			weight[r] = (uint8_t)random_below(&state, PATH_WEIGHT_MOST + 1);
		}
		make_variables(graph);
		answer = answer_of(graph, weight);
		for (uint32_t i = 0; i < graph->object_count; i++) {
			uint64_t cost = slow_cost(graph, answer.reachability.state, weight, i);

			if (cost == UINT64_MAX)
				continue;
			cr_assert_eq(path_cost(&answer.paths, weight, i), cost);
			compared++;
		}
		release(&answer);
		graph_free(graph);
	}
	cr_expect_gt(compared, 500u);
}
