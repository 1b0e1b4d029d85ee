#include "analysis/components.h"
#include "graph/builder.h"
#include "support/slow_graph.h"

#include <criterion/criterion.h>

static struct components components_of(const struct graph *graph, const bool *keep)
{
	struct components components;
	struct error err = {0};

	cr_assert(components_compute(graph, keep, &components, &err));
	return components;
}

Test(components, finds_cycles_and_self_references_in_order_of_their_lowest_member)
{
	struct graph *graph = graph_from_text("a->b b->c c->e e->b d->d c->f");
	struct components components = components_of(graph, NULL);
	uint32_t members[] = {B, C, E, D};

	cr_assert_eq(components.count, 2u);
	cr_assert_eq(components.first[1], 3u);
	cr_assert_eq(components.first[2], 4u);
	for (uint32_t i = 0; i < 4; i++) {
		cr_assert_eq(components.members[i], members[i]);
		cr_assert_eq(components.position_of[members[i]], i);
	}
	cr_assert_eq(components.component_of[A], OBJECT_NONE);
	cr_assert_eq(components.component_of[F], OBJECT_NONE);
	components_release(&components);
	graph_free(graph);
}

Test(components, ignores_references_that_do_not_count)
{
	struct graph *graph = graph_from_text("a->b b~>a c.>c");
	struct components components = components_of(graph, NULL);

	cr_assert_eq(components.count, 0u);
	components_release(&components);
	graph_free(graph);
}

Test(components, does_not_go_through_objects_that_are_not_kept)
{
	struct graph *graph = graph_from_text("a->b b->c c->a a->c");
	bool keep[] = {true, false, true};
	struct components components = components_of(graph, keep);

	cr_assert_eq(components.count, 1u);
	cr_assert_eq(components.first[1], 2u);
	cr_assert_eq(components.component_of[B], OBJECT_NONE);
	components_release(&components);
	graph_free(graph);
}

Test(components, finds_none_in_an_empty_graph)
{
	struct graph *graph = graph_from_text("");
	struct components components = components_of(graph, NULL);

	cr_assert_eq(components.count, 0u);
	cr_assert_eq(components.first[0], 0u);
	components_release(&components);
	graph_free(graph);
}

Test(components, closes_a_chain_of_a_million)
{
	struct graph *graph = chain_graph(1000000, CHAIN_CLOSED);
	struct components components = components_of(graph, NULL);

	cr_assert_eq(components.count, 1u);
	cr_assert_eq(components.first[1], 1000000u);
	components_release(&components);
	graph_free(graph);
}

static void check_members(const struct components *components, uint32_t object_count)
{
	uint32_t lowest = 0;

	for (uint32_t c = 0; c < components->count; c++) {
		cr_assert_lt(components->first[c], components->first[c + 1]);
		cr_assert(c == 0 || components->members[components->first[c]] > lowest);
		lowest = components->members[components->first[c]];
		for (uint32_t m = components->first[c]; m < components->first[c + 1]; m++) {
			uint32_t object = components->members[m];

			cr_assert_lt(object, object_count);
			cr_assert_eq(components->component_of[object], c);
			cr_assert_eq(components->position_of[object], m);
			cr_assert(m == components->first[c] ||
				  object > components->members[m - 1]);
		}
	}
}

#define WIDE_DEPTH    8u /* of a chain down to an object with very many referents */
#define WIDE_CHILDREN 100000u
#define WIDE_LENGTH   4u /* of a chain from each of those */

static void add_link(struct graph_builder *builder, uint32_t to)
{
	graph_builder_reference(builder, 0x1000 + to * 16ull, 0, REFERENCE_TRAVERSED);
}

/* What was fetched ahead of the search once made this one quadratic: it did not come to an end. */
Test(components, gets_through_an_object_with_very_many_referents)
{
	struct graph_builder *builder = graph_builder_create();
	uint32_t total = WIDE_DEPTH + WIDE_CHILDREN * WIDE_LENGTH;
	struct components components;
	struct error err = {0};
	struct graph *graph;
	uint64_t dangling;

	for (uint32_t i = 0; i < total; i++) {
		uint32_t end = (i - WIDE_DEPTH) % WIDE_LENGTH;

		graph_builder_object(
			builder,
			&(struct graph_object){.address = 0x1000 + i * 16ull, .size = 1});
		for (uint32_t c = 0; i == WIDE_DEPTH - 1 && c < WIDE_CHILDREN; c++)
			add_link(builder, WIDE_DEPTH + c * WIDE_LENGTH);
		if (i < WIDE_DEPTH - 1 || (i >= WIDE_DEPTH && end < WIDE_LENGTH - 1))
			add_link(builder, i + 1);
	}
	graph = graph_builder_finish(builder, &dangling, &err);
	graph_builder_free(builder);
	components = components_of(graph, NULL);
	cr_expect_eq(dangling, 0u);
	cr_expect_eq(graph->reference_count, total - 1);
	cr_expect_eq(components.count, 0u);
	components_release(&components);
	graph_free(graph);
}

Test(components, agrees_with_mutual_reachability_on_1000_random_graphs)
{
	uint64_t state = 3;

	for (int round = 0; round < 1000; round++) {
		struct graph *graph = random_graph(&state);
		bool keep[RANDOM_OBJECTS];
		struct components components;
		struct slow_paths paths;

		for (uint32_t i = 0; i < RANDOM_OBJECTS; i++)
			keep[i] = round % 2 == 0 || random_below(&state, 4) > 0;
		components = components_of(graph, round % 2 == 0 ? NULL : keep);
		slow_paths(graph, keep, &paths);
		check_members(&components, graph->object_count);
		for (uint32_t i = 0; i < graph->object_count; i++) {
			uint32_t own = components.component_of[i];

			cr_assert_eq(own != OBJECT_NONE, paths.leads[i][i]);
			for (uint32_t j = 0; j < graph->object_count; j++)
				cr_assert_eq(own != OBJECT_NONE &&
						     own == components.component_of[j],
					     paths.leads[i][j] && paths.leads[j][i]);
		}
		components_release(&components);
		graph_free(graph);
	}
}
