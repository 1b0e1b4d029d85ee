/*
 * Graphs of a line of text (support/graph_builder.h), in blocks of malloc's that are in use.
 */
#include "pipeline/leaks.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

struct sample {
	struct collection collection;
	struct suspects suspects;
	struct graph *graph;
	struct snapshot snapshot;
};

static void add_suspects(struct sample *sample)
{
	struct graph *graph = sample->graph;

	sample->suspects.set = address_set_create();
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (sample->snapshot.ledger.surplus[i] > 0)
			address_set_add(sample->suspects.set, graph->address[i]);
	cr_assert(address_set_freeze(sample->suspects.set));
	sample->suspects.suspects = calloc(address_set_count(sample->suspects.set) + 1,
					   sizeof(*sample->suspects.suspects));
}

static void sample_init(struct sample *sample, const char *text)
{
	struct error err = {0};
	struct snapshot *snapshot = &sample->snapshot;

	*sample = (struct sample){.graph = graph_from_text(text)};
	snapshot->graph = sample->graph;
	cr_assert(collection_init(&sample->collection, &err), "%s", err.message);
	vector_push(&sample->collection.types, ((struct type_report){.name = "app.Node"}));
	for (uint32_t i = 0; i < sample->graph->object_count; i++)
		vector_push(&sample->collection.native_blocks,
			    ((struct block_report){.address = sample->graph->address[i],
						   .size = 24}));
	cr_assert(ledger_compute(sample->graph, &snapshot->ledger, &err), "%s", err.message);
	add_suspects(sample);
}

/* As the scan does: the words of native memory have one root. */
static void add_hits(struct sample *sample, uint32_t object, uint32_t hits)
{
	addr_t address = sample->graph->address[object];
	struct graph_root root = {.object = object,
				  .kind = ROOT_NATIVE,
				  .thread = OBJECT_NONE,
				  .frame = OBJECT_NONE};

	sample->suspects.suspects[address_set_rank(sample->suspects.set, address)].hits = hits;
	cr_assert(graph_append_roots(sample->graph, &root, 1));
}

static const struct snapshot_leak *only_leak(struct sample *sample)
{
	struct error err = {0};
	struct snapshot *snapshot = &sample->snapshot;

	cr_assert(reachability_compute(sample->graph, &snapshot->ledger,
				       &snapshot->reachability, &err) &&
			  components_compute(sample->graph, NULL, &snapshot->components, &err),
		  "%s", err.message);
	cr_assert(leaks_find(&sample->collection, &sample->suspects, false, snapshot, &err),
		  "%s", err.message);
	cr_assert_eq(snapshot->leaks.count, 1u);
	return &snapshot->leaks.items[0];
}

static void sample_release(struct sample *sample)
{
	snapshot_release(&sample->snapshot);
	suspects_release(&sample->suspects);
	collection_release(&sample->collection);
	graph_free(sample->graph);
}

static void expect_grade(const char *text, uint32_t hits, enum leak_grade grade)
{
	struct sample sample;

	sample_init(&sample, text);
	if (hits)
		add_hits(&sample, A, hits);
	cr_assert_eq(only_leak(&sample)->grade, grade, "%s, %u hits", text, hits);
	sample_release(&sample);
}

Test(leaks, are_proven_where_no_word_has_the_address)
{
	expect_grade("a:rc1", 0, GRADE_PROVEN);
}

Test(leaks, are_probable_where_each_missing_reference_could_be_a_word)
{
	expect_grade("a:rc1 ?a", 0, GRADE_PROBABLE);
	expect_grade("a:rc1", 1, GRADE_PROBABLE);
	expect_grade("a:rc3", 3, GRADE_PROBABLE);
	expect_grade("a:rc3 ?a", 2, GRADE_PROBABLE);
}

Test(leaks, are_proven_where_there_are_fewer_words_than_missing_references)
{
	expect_grade("a:rc3", 2, GRADE_PROVEN);
	expect_grade("a:rc3 ?a", 1, GRADE_PROVEN);
	expect_grade("a:rc2 ?a", 0, GRADE_PROVEN);
}

Test(leaks, say_how_many_references_could_have_an_owner)
{
	struct sample sample;

	sample_init(&sample, "a:rc3");
	add_hits(&sample, A, 1);
	cr_assert_str_eq(
		only_leak(&sample)->explanation,
		"3 of its references have no known owner, and at most 1 could have one: "
		"1 word of native memory holds its address, the first at 0x0");
	sample_release(&sample);
}

static uint64_t fingerprint_of_a(const char *text, uint32_t hits)
{
	struct sample sample;
	uint64_t fingerprint;

	sample_init(&sample, text);
	if (hits)
		add_hits(&sample, A, hits);
	fingerprint = only_leak(&sample)->fingerprint;
	sample_release(&sample);
	return fingerprint;
}

Test(leaks, have_a_fingerprint_of_what_they_are_and_not_of_how_often_or_where)
{
	uint64_t once = fingerprint_of_a("a:rc1", 0);

	cr_expect_eq(fingerprint_of_a("a:rc9", 0), once);
	cr_expect_eq(fingerprint_of_a("a:rc1 ?a", 0), once);
	cr_expect_eq(fingerprint_of_a("a:rc2", 2), once);
}

Test(leaks, know_how_many_words_could_be_a_reference)
{
	struct sample sample;

	sample_init(&sample, "a:rc5 ?a");
	add_hits(&sample, A, 2);
	cr_assert_eq(only_leak(&sample)->words, 3u);
	sample_release(&sample);
}
