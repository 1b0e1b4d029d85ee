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

#define LENGTH 8 /* more than a search remembers at a time */

static void add_row(struct graph_builder *builder, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct graph_object object = {.address = 16 * (addr_t)(first + i), .size = 1};

		graph_builder_object(builder, &object);
		if (i + 1 < count)
			graph_builder_reference(builder, object.address + 16, 0,
						REFERENCE_TRAVERSED);
	}
}

/* LENGTH objects in a row, the last of them of many items, each the first of a row. */
static struct graph *broom(uint32_t items)
{
	struct graph_builder *builder = graph_builder_create();
	struct error err = {0};
	struct graph *graph;
	uint64_t dangling;

	add_row(builder, 1, LENGTH);
	for (uint32_t i = 1; i <= items; i++)
		graph_builder_reference(builder, 16 * (addr_t)(1 + i * LENGTH), 0,
					REFERENCE_TRAVERSED);
	for (uint32_t i = 1; i <= items; i++)
		add_row(builder, 1 + i * LENGTH, LENGTH);
	graph = graph_builder_finish(builder, &dangling, &err);
	graph_builder_free(builder);
	return graph;
}

/* It would take many minutes to look at all of the items for each of them. */
Test(components, looks_at_a_large_containers_items_once, .timeout = 60)
{
	struct graph *graph = broom(800000);
	struct components components = components_of(graph, NULL);

	cr_assert_eq(graph->reference_count, 800001u * LENGTH - 1u);
	cr_assert_eq(components.count, 0u);
	components_release(&components);
	graph_free(graph);
}
