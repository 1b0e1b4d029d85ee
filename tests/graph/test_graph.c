#include "support/graph_builder.h"

#include <criterion/criterion.h>

Test(graph, finds_the_object_at_or_below_an_address)
{
	struct graph *graph = graph_from_text("a b c");

	cr_assert_eq(graph_object_at(graph, graph->address[B]), B);
	cr_assert_eq(graph_object_at(graph, graph->address[B] + 1), B);
	cr_assert_eq(graph_object_at(graph, graph->address[C] - 1), B);
	cr_assert_eq(graph_object_at(graph, UINT64_MAX), C);
	cr_assert_eq(graph_object_at(graph, graph->address[A] - 1), OBJECT_NONE);
	graph_free(graph);
}

Test(graph, finds_the_object_with_an_address)
{
	struct graph *graph = graph_from_text("a b c");

	cr_assert_eq(graph_find_object(graph, graph->address[B]), B);
	cr_assert_eq(graph_find_object(graph, graph->address[B] + 1), OBJECT_NONE);
	cr_assert_eq(graph_find_object(graph, 0), OBJECT_NONE);
	graph_free(graph);
}

Test(graph, finds_nothing_in_an_empty_graph)
{
	struct graph *graph = graph_from_text("");

	cr_assert_eq(graph_object_at(graph, 0x1000), OBJECT_NONE);
	graph_free(graph);
}

Test(graph, names_every_kind_of_root)
{
	for (enum root_kind kind = 0; kind < ROOT_KINDS; kind++)
		cr_assert_not_null(root_kind_name(kind));
	cr_assert_str_eq(root_kind_name(ROOT_INTERPRETER), "interpreter");
}
