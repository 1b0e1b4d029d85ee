/*
 * Graphs of a line of text (support/graph_builder.h), whose objects hold what a table says.
 */
#include "pipeline/paths.h"
#include "pipeline/waste.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

enum { ROW, LIST, DICT, STR, FLOAT };
enum { LABEL_ITEM, LABEL_KEY, LABEL_VALUE, LABEL_NAME };

struct runtime {
	const struct graph *graph;
	const struct contents *contents; /* by object */
};

struct sample {
	struct collection collection;
	struct graph *graph;
	struct snapshot snapshot;
	struct runtime runtime;
};

static bool read_contents(struct runtime *runtime, uint32_t type, addr_t object,
			  struct contents *ret)
{
	*ret = runtime->contents[graph_object_at(runtime->graph, object)];
	return type != ROW;
}

static struct label_style style_of(const char *label)
{
	(void)label;
	return (struct label_style){NULL, 1};
}

static bool write_value(void *context, uint32_t object, char *ret, size_t size)
{
	const struct runtime *runtime = context;
	const struct contents *contents = &runtime->contents[object];

	snprintf(ret, size, "%.*s", (int)contents->size, (const char *)contents->bytes);
	return contents->bytes;
}

static const struct runtime_ops ops = {.contents = read_contents, .label_style = style_of};

static struct contents text(const char *characters)
{
	return (struct contents){.kind = CONTENTS_TEXT,
				 .is_plain = true,
				 .bytes = (const uint8_t *)characters,
				 .size = strlen(characters),
				 .width = 1};
}

static void find_reachable(struct sample *sample)
{
	struct snapshot *snapshot = &sample->snapshot;
	struct error err = {0};

	cr_assert(ledger_compute(sample->graph, &snapshot->ledger, &err) &&
		  reachability_compute(sample->graph, &snapshot->ledger,
				       &snapshot->reachability, &err) &&
		  dominators_compute(sample->graph, &snapshot->reachability,
				     &snapshot->dominators, &err) &&
		  paths_find(&sample->collection, &ops, snapshot, &err));
}

/* types: a digit an object; labels: a digit a reference. */
static void sample_init(struct sample *sample, const char *graph, const char *types,
			const char *labels, const struct contents *contents)
{
	static const char *const names[] = {"app.Row", "builtins.list", "builtins.dict",
					    "builtins.str", "builtins.float"};
	static const char *const label_names[] = {"[]", "key", "value", ".name"};
	struct error err = {0};

	*sample = (struct sample){.graph = graph_from_text(graph)};
	sample->snapshot.graph = sample->graph;
	sample->runtime = (struct runtime){sample->graph, contents};
	cr_assert(collection_init(&sample->collection, &err));
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		vector_push(&sample->collection.types,
			    ((struct type_report){.name = names[i],
						  .category = i == LIST || i == DICT
								      ? CATEGORY_CONTAINERS
							      : i == ROW ? CATEGORY_INSTANCES
									 : CATEGORY_TEXT}));
	for (size_t i = 0; i < ARRAY_COUNT(label_names); i++)
		names_add(sample->collection.labels, label_names[i]);
	for (uint32_t i = 0; i < sample->graph->object_count; i++)
		((uint32_t *)sample->graph->type)[i] = (uint32_t)(types[i] - '0');
	for (uint32_t i = 0; i < sample->graph->reference_count; i++)
		((uint32_t *)sample->graph->label)[i] = (uint32_t)(labels[i] - '0');
	sample->snapshot.labels = sample->collection.labels;
	sample->snapshot.values = (struct snapshot_values){write_value, &sample->runtime};
	find_reachable(sample);
	cr_assert(waste_find(&(struct waste_source){&ops, &sample->runtime, &sample->collection,
						    &sample->snapshot},
			     &err));
}

static void sample_release(struct sample *sample)
{
	snapshot_release(&sample->snapshot);
	collection_release(&sample->collection);
	graph_free(sample->graph);
}

static const struct snapshot_waste *row(const struct sample *sample, size_t index)
{
	cr_assert_lt(index, sample->snapshot.waste.count);
	return &sample->snapshot.waste.items[index];
}

static void expect_row(const struct sample *sample, size_t index, const char *kind,
		       const char *holder, uint64_t objects, uint64_t savings)
{
	const struct snapshot_waste *waste = row(sample, index);

	cr_assert_str_eq(waste->kind, kind);
	cr_assert_str_eq(waste->holder, holder);
	cr_assert_eq(waste->objects, objects, "%zu objects", (size_t)waste->objects);
	cr_assert_eq(waste->savings, savings, "%zu to win", (size_t)waste->savings);
}

/* A row with a name, and a list of names; the third of the list is another one. */
static const char names_graph[] =
	"!a !b a->c b->d b->e b->f c:size50 d:size50 e:size50 f:size51";

Test(waste, keeps_one_of_equal_texts_where_most_of_them_are)
{
	const struct contents contents[] = {[C] = text("same"),
					    [D] = text("same"),
					    [E] = text("same"),
					    [F] = text("other")};
	struct sample sample;

	sample_init(&sample, names_graph, "013333", "3000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 2u);
	expect_row(&sample, 0, "duplicate-text", "app.Row.name", 1, 50);
	cr_assert_str_eq(row(&sample, 1)->kind, "duplicate-text");
	cr_assert_eq(row(&sample, 1)->objects, 2u);
	cr_assert_eq(row(&sample, 1)->savings, 50u);
	cr_assert_eq(row(&sample, 1)->example, (uint32_t)D);
	cr_assert_eq(row(&sample, 1)->example_weight, 2u);
	sample_release(&sample);
}

Test(waste, wins_all_of_equal_texts_where_one_is_shared)
{
	struct contents contents[] = {
		[C] = text("same"), [D] = text("same"), [E] = text("same"), [F] = text("same")};
	struct sample sample;

	contents[C].is_shared = true;
	sample_init(&sample, names_graph, "013333", "3000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 1u);
	cr_assert_eq(row(&sample, 0)->objects, 3u);
	cr_assert_eq(row(&sample, 0)->savings, 151u);
	sample_release(&sample);
}

Test(waste, tells_texts_apart_to_the_last_character_and_by_width)
{
	struct contents contents[] = {[C] = text("a long text of which the end is x"),
				      [D] = text("a long text of which the end is y"),
				      [E] = text("ab"),
				      [F] = text("ab")};
	struct sample sample;

	contents[F].width = 2;
	sample_init(&sample, names_graph, "013333", "3000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 0u);
	sample_release(&sample);
}

Test(waste, says_nothing_of_garbage)
{
	const struct contents contents[] = {[C] = text("same"),
					    [D] = text("same"),
					    [E] = text("same"),
					    [F] = text("other")};
	struct sample sample;

	sample_init(&sample, "a->c b->d b->e b->f a:rc0 b:rc0 c:rc1 d:rc1 e:rc1 f:rc1",
		    "013333", "3000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 0u);
	sample_release(&sample);
}

/* A row's dict of two entries. */
Test(waste, forgets_keys_that_hold_few_and_small_objects)
{
	const struct contents contents[] = {[B] = {.kind = CONTENTS_MAPPING, .count = 2},
					    [C] = text("key"),
					    [D] = text("same"),
					    [E] = text("other key"),
					    [F] = text("same")};
	struct sample sample;

	sample_init(&sample, "!a a->b b->c b->d b->e b->f d:size9 f:size9", "023333", "31212",
		    contents);
	cr_assert_eq(sample.snapshot.waste.count, 1u);
	expect_row(&sample, 0, "duplicate-text", "app.Row.name[*]", 2, 9);
	sample_release(&sample);
}

Test(waste, remembers_keys_that_hold_large_objects)
{
	const struct contents contents[] = {[B] = {.kind = CONTENTS_MAPPING, .count = 2},
					    [C] = text("key"),
					    [D] = text("same"),
					    [E] = text("other key"),
					    [F] = text("same")};
	struct sample sample;

	sample_init(&sample, "!a a->b b->c b->d b->e b->f d:size90000 f:size90000", "023333",
		    "31212", contents);
	cr_assert_eq(sample.snapshot.waste.count, 1u);
	expect_row(&sample, 0, "duplicate-text", "app.Row.name['other key']", 1, 90000);
	sample_release(&sample);
}

Test(waste, counts_room_that_a_copy_would_not_have)
{
	const struct contents contents[] = {
		[B] = {.kind = CONTENTS_LIST, .count = 2, .room = 80, .fresh = 16},
		[C] = {.kind = CONTENTS_SET, .is_plain = true, .room = 500},
		[D] = {.kind = CONTENTS_LIST, .count = 2, .room = 16, .fresh = 16}};
	struct sample sample;

	sample_init(&sample, "!a a->b a->c a->d b:size40 b:owned80 c:size200 c:owned500",
		    "0111", "333", contents);
	cr_assert_eq(sample.snapshot.waste.count, 2u);
	expect_row(&sample, 0, "empty-set", "app.Row.name", 1, 700);
	expect_row(&sample, 1, "underfilled-list", "app.Row.name", 1, 64);
	sample_release(&sample);
}

/* Eight references to three numbers, of which b is someone else's, too. */
static const char numbers_graph[] = "!a a->c a->b a->c a->d a->c a->c a->c a->c "
				    "b:size24 c:size24 d:size24 b:rc2 c:rc6 d:rc1 a:size150";

Test(waste, leaves_numbers_that_something_else_refers_to)
{
	const struct contents contents[] = {
		[A] = {.kind = CONTENTS_LIST, .is_plain = true, .count = 8, .packed = 100},
		[B] = {.kind = CONTENTS_FLOAT},
		[C] = {.kind = CONTENTS_FLOAT},
		[D] = {.kind = CONTENTS_FLOAT}};
	struct sample sample;

	sample_init(&sample, numbers_graph, "1444", "00000000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 1u);
	cr_assert_str_eq(row(&sample, 0)->kind, "boxed-floats");
	cr_assert_eq(row(&sample, 0)->savings, 150u - 100u + 2u * 24u);
	cr_assert_eq(row(&sample, 0)->distinct, 2u);
	sample_release(&sample);
}

Test(waste, takes_no_array_for_mixed_or_missing_numbers)
{
	struct contents contents[] = {
		[A] = {.kind = CONTENTS_LIST, .is_plain = true, .count = 8, .packed = 100},
		[B] = {.kind = CONTENTS_FLOAT},
		[C] = {.kind = CONTENTS_INTEGER},
		[D] = {.kind = CONTENTS_FLOAT}};
	struct sample sample;

	sample_init(&sample, numbers_graph, "1444", "00000000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 0u);
	sample_release(&sample);
	contents[C].kind = CONTENTS_FLOAT;
	contents[A].count = 9;
	sample_init(&sample, numbers_graph, "1444", "00000000", contents);
	cr_assert_eq(sample.snapshot.waste.count, 0u);
	sample_release(&sample);
}
