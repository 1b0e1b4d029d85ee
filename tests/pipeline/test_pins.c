/*
 * Graphs of a line of text (support/graph_builder.h).  Each object but `a` has an arena of two
 * pools: it is in the first, and the second is free.
 */
#include "pipeline/pins.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

#define ARENA 0x40u
#define POOL  0x20u
#define BLOCK 0x10u

static const struct label_style styles[1];
static const char *const roots[26] = {"root", "root", "root"};

struct sample {
	struct collection collection;
	struct graph *graph;
	struct snapshot snapshot;
};

/* For `objects` that are beside each other. */
static void add_pools(struct collection *collection, addr_t address, uint32_t objects)
{
	uint32_t size = objects * ARENA;
	struct collected_pool used = {(uint32_t)collection->arenas.count,
				      {.address = address,
				       .size = size - POOL,
				       .block_size = BLOCK,
				       .capacity = 2,
				       .used = objects}};
	struct collected_pool unused = {(uint32_t)collection->arenas.count,
					{.address = address + size - POOL, .size = POOL}};
	struct collected_arena arena = {"pymalloc",
					{.address = address,
					 .size = size,
					 .used = objects * BLOCK,
					 .pools = 2,
					 .free_pools = 1,
					 .usable = (uint32_t)collection->arenas.count + 1,
					 .stays_last = true}};

	vector_push(&collection->pools, used);
	vector_push(&collection->pools, unused);
	vector_push(&collection->arenas, arena);
	for (uint32_t i = 0; i < objects; i++)
		vector_push(
			&collection->blocks,
			((struct block_report){.address = address + i * ARENA, .size = BLOCK}));
}

static void sample_init(struct sample *sample, const char *text)
{
	static const uint8_t weights[1];
	struct snapshot *snapshot = &sample->snapshot;
	struct error err = {0};

	*sample = (struct sample){.graph = graph_from_text(text)};
	snapshot->graph = sample->graph;
	snapshot->label_styles = styles;
	snapshot->root_expressions = roots;
	cr_assert(collection_init(&sample->collection, &err), "%s", err.message);
	snapshot->labels = sample->collection.labels;
	names_add(snapshot->labels, ".next");
	vector_push(&sample->collection.types, ((struct type_report){.name = "app.Node"}));
	for (uint32_t i = 1; i < sample->graph->object_count; i++)
		add_pools(&sample->collection, sample->graph->address[i], 1);
	cr_assert(ledger_compute(sample->graph, &snapshot->ledger, &err));
	cr_assert(reachability_compute(sample->graph, &snapshot->ledger,
				       &snapshot->reachability, &err));
	cr_assert(dominators_compute(sample->graph, &snapshot->reachability,
				     &snapshot->dominators, &err));
	cr_assert(paths_compute(sample->graph, &snapshot->reachability, &snapshot->dominators,
				weights, &snapshot->paths, &err));
}

static void find(struct sample *sample)
{
	struct error err = {0};

	cr_assert(pins_find(&sample->collection, &sample->snapshot, &err), "%s", err.message);
}

static void sample_release(struct sample *sample)
{
	snapshot_release(&sample->snapshot);
	collection_release(&sample->collection);
	graph_free(sample->graph);
}

static const struct snapshot_release *release_of(const struct sample *sample,
						 enum release_kind kind)
{
	vector_each (&sample->snapshot.releases, release)
		if (release->kind == kind)
			return release;
	cr_assert_fail("there is none of that kind");
	return NULL;
}

Test(pins, are_counted_with_who_holds_them)
{
	struct sample sample;
	const struct snapshot_release *release;

	sample_init(&sample, "!a a->b a->c a->d a->e a->f a->g a->h a->i a->j");
	find(&sample);
	cr_assert_eq(sample.snapshot.releases.count, 1u);
	release = &sample.snapshot.releases.items[0];
	cr_expect_eq(release->kind, RELEASE_HOLDER);
	cr_expect_eq(release->object, 0u);
	cr_expect_str_eq(release->path, "root");
	cr_expect_str_eq(release->type, "app.Node");
	cr_expect_eq(release->typed, 9u);
	cr_expect_eq(release->pins, 9u);
	cr_expect_eq(release->arenas, 9u);
	cr_expect_eq(release->arena_bytes, 9u * ARENA);
	cr_expect_eq(release->returned, 8u * ARENA, "the last stays");
	cr_expect_eq(release->returned_arenas, 8u);
	cr_expect_eq(release->together, release->returned);
	sample_release(&sample);
}

Test(pins, have_a_row_each_with_path_and_pool)
{
	struct sample sample;

	sample_init(&sample, "!a a->b a->c a->d a->e a->f a->g a->h a->i a->j");
	find(&sample);
	cr_assert_eq(sample.snapshot.pins.count, 9u);
	for (uint32_t i = 0; i < 9; i++) {
		const struct snapshot_pin *pin = &sample.snapshot.pins.items[i];

		cr_expect_eq(pin->arena, i);
		cr_expect_eq(pin->pool, 2 * i);
		cr_expect_eq(pin->object, i + 1);
		cr_expect_eq(pin->block, OBJECT_NONE);
		cr_expect_eq(pin->release, 0u);
		cr_expect_str_eq(pin->path, "root.next");
	}
	sample_release(&sample);
}

Test(pins, are_none_in_an_arena_that_is_well_filled)
{
	struct sample sample;

	sample_init(&sample, "!a a->b a->c a->d a->e a->f a->g a->h a->i a->j");
	vector_each (&sample.collection.arenas, arena)
		arena->report.used = BLOCK + 1;
	find(&sample);
	cr_expect_eq(sample.snapshot.pins.count, 0u);
	cr_expect_eq(sample.snapshot.releases.count, 0u);
	sample_release(&sample);
}

/* The two blocks of each pool are of two holders: alone, neither gives anything back. */
Test(pins, of_several_holders_go_together)
{
	struct sample sample;

	sample_init(&sample,
		    "!a !b a->c b->d a->e b->f a->g b->h a->i b->j a->k b->l a->m b->n "
		    "a->o b->p a->q b->r");
	sample.collection.pools.count = sample.collection.arenas.count = 0;
	for (uint32_t i = 2; i < 18; i += 2)
		add_pools(&sample.collection, sample.graph->address[i], 2);
	find(&sample);
	cr_assert_eq(sample.snapshot.releases.count, 2u);
	vector_each (&sample.snapshot.releases, release) {
		cr_expect_eq(release->pins, 8u);
		cr_expect_eq(release->returned, 0u);
	}
	cr_expect_eq(sample.snapshot.releases.items[0].together, 0u);
	cr_expect_eq(sample.snapshot.releases.items[1].together, 7u * 2 * ARENA);
	sample_release(&sample);
}

Test(pins, of_garbage_go_with_a_collection)
{
	struct sample sample;
	const struct snapshot_release *release;

	sample_init(&sample, "!a b->c c->b d->e e->d a->f");
	find(&sample);
	release = release_of(&sample, RELEASE_GARBAGE);
	cr_expect_eq(release->pins, 4u);
	cr_expect_eq(release->blocks, 4u);
	cr_expect_eq(release->returned, 4u * ARENA, "f's arena is the last");
	sample_release(&sample);
}

Test(pins, of_leaks_go_by_fingerprint)
{
	struct sample sample;

	sample_init(&sample, "!a b->c c->b d->e e->d a->f");
	for (uint32_t i = 1; i < 4; i += 2)
		vector_push(&sample.snapshot.leaks,
			    ((struct snapshot_leak){.kind = LEAK_GARBAGE,
						    .object = i,
						    .block = OBJECT_NONE,
						    .bytes = i,
						    .fingerprint = 77 + i}));
	find(&sample);
	cr_assert_eq(sample.snapshot.releases.count, 4u);
	vector_each (&sample.snapshot.releases, release)
		if (release->kind == RELEASE_LEAK) {
			cr_expect(release->fingerprint == 78 || release->fingerprint == 80);
			cr_expect_eq(release->blocks, 2u);
			cr_expect_eq(release->returned, 2u * ARENA);
		}
	sample_release(&sample);
}

Test(pins, that_are_blocks_go_with_their_owner)
{
	struct sample sample;
	const struct snapshot_release *release;
	addr_t items;

	sample_init(&sample, "!a a->b a->c a->d a->e a->f a->g a->h a->i a->j");
	items = sample.graph->address[9] + ARENA;
	add_pools(&sample.collection, items, 1);
	vector_push(&sample.collection.claims,
		    ((struct claim_report){.address = items,
					   .size = BLOCK,
					   .owner = sample.graph->address[0],
					   .kind = "list-items",
					   .exclusive = true}));
	vector_push(&sample.snapshot.blocks, ((struct snapshot_block){.address = items,
								      .size = BLOCK,
								      .allocator = "pymalloc",
								      .owner = 0,
								      .kind = "list-items"}));
	find(&sample);
	release = release_of(&sample, RELEASE_HOLDER);
	cr_expect_eq(release->pins, 10u);
	cr_expect_eq(release->typed, 9u);
	cr_expect_eq(release->returned_arenas, 9u);
	sample.collection.claims.items[0].exclusive = false;
	sample.snapshot.releases.count = sample.snapshot.pins.count = 0;
	find(&sample);
	cr_expect_eq(release_of(&sample, RELEASE_HOLDER)->returned_arenas, 9u,
		     "others have it, too: it stays, and its arena is the last");
	cr_expect_eq(release_of(&sample, RELEASE_HOLDER)->blocks, 9u);
	sample_release(&sample);
}

/* From the end of malloc's heap as much as is nearly empty. */
Test(pins, of_a_heap_are_what_is_near_its_end)
{
	struct sample sample;
	struct collected_arena arena = {"glibc", {.end = END_BREAK}};
	struct block_report blocks[] = {
		{.size = 8 << 20, .state = BLOCK_USED},
		{.size = 3 << 20, .state = BLOCK_FREE},
		{.size = 1000, .state = BLOCK_USED},
		{.size = 100000, .state = BLOCK_FREE, .place = BLOCK_TOP},
	};
	addr_t next = 0x7e0000000010;

	sample_init(&sample, "!a");
	arena.report.address = next - 16;
	for (size_t i = 0; i < ARRAY_COUNT(blocks); i++) {
		blocks[i].address = next;
		next += blocks[i].size + 8;
		vector_push(&sample.collection.native_blocks, blocks[i]);
	}
	arena.report.size = next - 8 - arena.report.address;
	vector_push(&sample.collection.arenas, arena);
	sample.collection.native_arenas = 1;
	vector_push(&sample.snapshot.blocks,
		    ((struct snapshot_block){.address = blocks[2].address,
					     .size = 1000,
					     .owner = 0,
					     .kind = "buffer"}));
	find(&sample);
	cr_assert_eq(sample.snapshot.pins.count, 1u);
	cr_expect_eq(sample.snapshot.pins.items[0].block, 0u);
	cr_expect_eq(sample.snapshot.pins.items[0].pool, OBJECT_NONE);
	sample_release(&sample);
}
