#include "analysis/shortest_cycle.h"
#include "support/slow_graph.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct components components_of(const struct graph *graph)
{
	struct components components;
	struct error err = {0};

	cr_assert(components_compute(graph, NULL, &components, &err));
	return components;
}

static uint32_t source_of(const struct graph *graph, uint32_t reference)
{
	uint32_t source = 0;

	while (graph->first_reference[source + 1] <= reference)
		source++;
	return source;
}

/* The length of what was found, which is a cycle within the component. */
static uint32_t cycle_length(const struct graph *graph, const struct components *components,
			     uint32_t component, uint32_t starts)
{
	uint32_t *references, count;
	struct error err = {0};

	cr_assert(shortest_cycle(graph, components, component, starts, &references, &count,
				 &err));
	cr_assert_gt(count, 0u);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t target = graph->target[references[i]];

		cr_assert(reference_is_counted(graph->kind[references[i]]));
		cr_assert_eq(target, source_of(graph, references[(i + 1) % count]));
		cr_assert_eq(components->component_of[target], component);
	}
	free(references);
	return count;
}

static uint32_t length_in(const char *text, uint32_t starts)
{
	struct graph *graph = graph_from_text(text);
	struct components components = components_of(graph);
	uint32_t length = cycle_length(graph, &components, 0, starts);

	components_release(&components);
	graph_free(graph);
	return length;
}

Test(shortest_cycle, of_an_object_that_refers_to_itself_is_one_reference)
{
	cr_assert_eq(length_in("a->a", 1), 1u);
	cr_assert_eq(length_in("a->b b->a b->b", 2), 1u);
}

Test(shortest_cycle, takes_the_short_way_back)
{
	cr_assert_eq(length_in("a->b b->c c->d d->a c->a", 4), 3u);
}

Test(shortest_cycle, goes_through_a_start_when_starts_are_few)
{
	cr_assert_eq(length_in("a->b b->c c->a b->b", 1), 3u);
	cr_assert_eq(length_in("a->b b->c c->a b->b", 0), 3u);
	cr_assert_eq(length_in("a->b b->c c->a b->b", 1000), 1u);
}

Test(shortest_cycle, does_not_leave_by_references_that_do_not_count)
{
	cr_assert_eq(length_in("a->b b~>a b->c c->a", 3), 3u);
}

Test(shortest_cycle, goes_round_a_chain_of_200000)
{
	struct graph *graph = chain_graph(200000, CHAIN_CLOSED);
	struct components components = components_of(graph);
	uint32_t *references, count;
	struct error err = {0};

	cr_assert(shortest_cycle(graph, &components, 0, 2, &references, &count, &err));
	cr_assert_eq(count, 200000u);
	free(references);
	components_release(&components);
	graph_free(graph);
}

/* Of those through any of the component's members from which the search may start. */
static uint32_t slow_length(const struct components *components, const struct slow_paths *paths,
			    uint32_t component, uint32_t starts)
{
	uint32_t first = components->first[component];
	uint32_t size = components->first[component + 1] - first;
	uint32_t length = UINT32_MAX;

	for (uint32_t i = 0; i < starts && i < size; i++) {
		uint32_t place = starts < size ? i * size / starts : i;
		uint32_t object = components->members[first + place];

		if (paths->steps[object][object] < length)
			length = paths->steps[object][object];
	}
	return length;
}

Test(shortest_cycle, agrees_with_all_distances_on_1000_random_graphs)
{
	uint64_t state = 4;

	for (int round = 0; round < 1000; round++) {
		struct graph *graph = random_graph(&state);
		struct components components = components_of(graph);
		uint32_t starts = round % 2 ? RANDOM_OBJECTS : 1 + random_below(&state, 3);
		bool all[RANDOM_OBJECTS];
		struct slow_paths paths;

		memset(all, true, sizeof(all));
		slow_paths(graph, all, &paths);
		for (uint32_t c = 0; c < components.count; c++)
			cr_assert_eq(cycle_length(graph, &components, c, starts),
				     slow_length(&components, &paths, c, starts));
		components_release(&components);
		graph_free(graph);
	}
}
