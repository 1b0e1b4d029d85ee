#include "graph/builder.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

static void add_object(struct graph_builder *builder, addr_t address)
{
	graph_builder_object(builder, &(struct graph_object){.address = address, .size = 16});
}

static struct graph *finish(struct graph_builder *builder, uint64_t *ret_dangling)
{
	struct error err = {0};
	struct graph *graph = graph_builder_finish(builder, ret_dangling, &err);

	cr_assert(graph, "%s", err.message);
	graph_builder_free(builder);
	return graph;
}

Test(graph_builder, numbers_objects_by_address_whatever_the_order_of_reports)
{
	struct graph_builder *builder = graph_builder_create();
	struct graph *graph;
	uint64_t dangling;

	graph_builder_object(builder, &(struct graph_object){
					      .address = 0x3000,
					      .size = 48,
					      .refcount = -3,
					      .type = 7,
					      .flags = OBJECT_TRACKED,
					      .generation = 2,
				      });
	graph_builder_reference(builder, 0x1000, 11, REFERENCE_WEAK);
	add_object(builder, 0x1000);
	graph_builder_reference(builder, 0x3000, (1u << 28) - 1, REFERENCE_GUESS);
	graph = finish(builder, &dangling);
	cr_assert_eq(graph->object_count, 2u);
	cr_assert_eq(graph->address[0], 0x1000u);
	cr_assert_eq(graph->address[1], 0x3000u);
	cr_assert_eq(graph->size[1], 48u);
	cr_assert_eq(graph->refcount[1], -3);
	cr_assert_eq(graph->type[1], 7u);
	cr_assert_eq(graph->flags[1], OBJECT_TRACKED);
	cr_assert_eq(graph->generation[1], 2u);
	cr_assert_eq(graph->target[0], 1u);
	cr_assert_eq(graph->label[0], (1u << 28) - 1);
	cr_assert_eq(graph->kind[0], REFERENCE_GUESS);
	cr_assert_eq(graph->target[1], 0u);
	cr_assert_eq(graph->label[1], 11u);
	cr_assert_eq(graph->kind[1], REFERENCE_WEAK);
	cr_assert_eq(dangling, 0u);
	graph_free(graph);
}

Test(graph_builder, leaves_out_dangling_references_with_their_ordinals)
{
	struct graph_builder *builder = graph_builder_create();
	struct graph *graph;
	uint64_t dangling;

	add_object(builder, 0x1000);
	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	graph_builder_reference(builder, 0x1001, 0, REFERENCE_TRAVERSED);
	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	graph_builder_root(builder, 0x5000, &(struct graph_root){.kind = ROOT_GLOBAL});
	graph_builder_root(builder, 0x1000, &(struct graph_root){.kind = ROOT_FRAME});
	graph = finish(builder, &dangling);
	cr_assert_eq(dangling, 2u);
	cr_assert_eq(graph->reference_count, 2u);
	cr_assert_eq(graph->ordinal[0], 0u);
	cr_assert_eq(graph->ordinal[1], 2u);
	cr_assert_eq(graph->root_count, 1u);
	cr_assert_eq(graph->roots[0].kind, ROOT_FRAME);
	cr_assert_eq(graph->roots[0].object, 0u);
	graph_free(graph);
}

Test(graph_builder, counts_skipped_positions_for_their_own_object_only)
{
	struct graph_builder *builder = graph_builder_create();
	uint32_t expected[] = {0, 0, 3, 4, 6};
	struct graph *graph;
	uint64_t dangling;

	add_object(builder, 0x2000);
	graph_builder_reference(builder, 0x2000, 0, REFERENCE_TRAVERSED);
	graph_builder_skip(builder, 1);
	graph_builder_skip(builder, 1);
	graph_builder_reference(builder, 0x2000, 0, REFERENCE_TRAVERSED);
	graph_builder_reference(builder, 0x2000, 0, REFERENCE_TRAVERSED);
	graph_builder_skip(builder, 1);
	graph_builder_reference(builder, 0x2000, 0, REFERENCE_TRAVERSED);
	graph_builder_skip(builder, 9);
	add_object(builder, 0x1000);
	graph_builder_reference(builder, 0x2000, 0, REFERENCE_TRAVERSED);
	graph = finish(builder, &dangling);
	for (uint32_t r = 0; r < 5; r++)
		cr_assert_eq(graph->ordinal[r], expected[r]);
	graph_free(graph);
}

Test(graph_builder, survives_a_damaged_length)
{
	struct graph_builder *builder = graph_builder_create();
	struct graph *graph;
	uint64_t dangling;

	add_object(builder, 0x1000);
	graph_builder_skip(builder, UINT32_MAX - 1);
	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	graph_builder_skip(builder, UINT32_MAX);
	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	graph = finish(builder, &dangling);
	cr_assert_eq(graph->reference_count, 1u);
	cr_assert_eq(graph->ordinal[0], UINT32_MAX - 1);
	cr_assert_eq(dangling, 1u);
	graph_free(graph);
}

Test(graph_builder, ignores_a_second_report_with_all_that_follows_it)
{
	struct graph_builder *builder = graph_builder_create();
	struct graph *graph;
	uint64_t dangling;

	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	add_object(builder, 0x1000);
	add_object(builder, 0x1000);
	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	graph_builder_owned(builder, 100);
	add_object(builder, 0x2004);
	graph_builder_reference(builder, 0x1000, 0, REFERENCE_TRAVERSED);
	cr_assert_eq(graph_builder_ignored(builder), 2u);
	graph = finish(builder, &dangling);
	cr_assert_eq(graph->object_count, 1u);
	cr_assert_eq(graph->reference_count, 0u);
	cr_assert_eq(graph->owned_size[0], 0u);
	cr_assert_eq(dangling, 0u);
	graph_free(graph);
}

Test(graph_builder, adds_owned_bytes_to_objects_reported_before_or_after)
{
	struct graph_builder *builder = graph_builder_create();
	struct graph *graph;
	uint64_t dangling;

	graph_builder_owned_by(builder, 0x2000, 8);
	add_object(builder, 0x1000);
	graph_builder_owned(builder, 100);
	add_object(builder, 0x2000);
	graph_builder_owned_by(builder, 0x1000, 20);
	graph_builder_owned_by(builder, 0x9000, 1000);
	graph = finish(builder, &dangling);
	cr_assert_eq(graph->owned_size[0], 120u);
	cr_assert_eq(graph->owned_size[1], 8u);
	graph_free(graph);
}

Test(graph_builder, refuses_a_label_that_is_out_of_range)
{
	struct graph_builder *builder = graph_builder_create();
	struct error err = {0};
	uint64_t dangling;

	add_object(builder, 0x1000);
	graph_builder_reference(builder, 0x1000, 1u << 28, REFERENCE_TRAVERSED);
	cr_assert_null(graph_builder_finish(builder, &dangling, &err));
	cr_assert_eq(err.kind, ERROR_FORMAT);
	graph_builder_free(builder);
}

Test(graph_builder, makes_an_empty_graph_of_nothing)
{
	uint64_t dangling;
	struct graph *graph = finish(graph_builder_create(), &dangling);

	cr_assert_eq(graph->object_count, 0u);
	cr_assert_eq(graph->first_reference[0], 0u);
	cr_assert_eq(graph->first_referrer[0], 0u);
	graph_free(graph);
}

/* Object i refers to whom the state says; the same state gives the same references again. */
static uint32_t next_target(uint64_t *state, uint32_t count)
{
	return random_below(state, count + count / 4);
}

static void check_references(const struct graph *graph, const uint64_t *seeds)
{
	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint64_t state = seeds[i];
		uint32_t reported = random_below(&state, 6);
		uint32_t r = graph->first_reference[i];

		for (uint32_t ordinal = 0; ordinal < reported; ordinal++) {
			uint32_t target = next_target(&state, graph->object_count);

			if (target >= graph->object_count)
				continue;
			cr_assert_lt(r, graph->first_reference[i + 1]);
			cr_assert_eq(graph->target[r], target);
			cr_assert_eq(graph->label[r], target + 1);
			cr_assert_eq(graph->ordinal[r], ordinal);
			r++;
		}
		cr_assert_eq(r, graph->first_reference[i + 1]);
	}
}

static void check_referrers(const struct graph *graph)
{
	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t at = graph->first_referrer[i];

		for (uint32_t source = 0; source < graph->object_count; source++)
			for (uint32_t r = graph->first_reference[source];
			     r < graph->first_reference[source + 1]; r++)
				if (graph->target[r] == i)
					cr_assert_eq(graph->referrer[at++], source);
		cr_assert_eq(at, graph->first_referrer[i + 1]);
	}
	cr_assert_eq(graph->first_referrer[graph->object_count], graph->reference_count);
}

Test(graph_builder, agrees_with_the_reports_on_1000_random_graphs)
{
	uint64_t state = 7;

	for (int round = 0; round < 1000; round++) {
		struct graph_builder *builder = graph_builder_create();
		uint32_t count = 1 + random_below(&state, 40);
		uint64_t seeds[40], dangling;
		struct graph *graph;

		for (uint32_t i = 0; i < count; i++)
			seeds[i] = random_below(&state, 1u << 30);
		for (uint32_t step = 0; step < count; step++) {
			uint32_t i = (step * 41 + 5) % count; /* 41 is prime, above count */
			uint64_t own = seeds[i];

			add_object(builder, 0x7fffff00 + i * 0x1008ull);
			for (uint32_t left = random_below(&own, 6); left > 0; left--) {
				uint32_t target = next_target(&own, count);

				graph_builder_reference(builder,
							0x7fffff00 + target * 0x1008ull,
							target + 1, REFERENCE_TRAVERSED);
			}
		}
		graph = finish(builder, &dangling);
		cr_assert_eq(graph->object_count, count);
		check_references(graph, seeds);
		check_referrers(graph);
		graph_free(graph);
	}
}
