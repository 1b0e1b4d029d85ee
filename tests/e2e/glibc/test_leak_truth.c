/*
 * Lost blocks of a real process against those that it lost: leak_program.c is compiled, run and
 * dumped.  Skipped, with a reason, where there is no compiler or no core can be had.
 */
#include "heap/glibc.h"
#include "pipeline/native_memory.h"
#include "support/crashed.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define PROGRAM "tests/e2e/glibc/leak_program.c"
#define LOST    64u
#define MOST    256u

struct row {
	addr_t address;
	unsigned blocks;
};

struct rows {
	struct row items[MOST];
	size_t count;
};

struct truth {
	struct rows lost, possible;
};

struct world {
	struct collection collection;
	struct target *target;
	struct native_memory memory;
	struct native_reach reach;
	struct graph no_objects;
};

static void add(struct rows *rows, struct row row)
{
	cr_assert_lt(rows->count, MOST);
	rows->items[rows->count++] = row;
}

static int by_address(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static void read_truth(const char *path, struct truth *ret)
{
	FILE *file = fopen(path, "r");
	char kind[16];
	struct row row;

	cr_assert(file);
	while (fscanf(file, "%15s %" SCNx64 " %u", kind, &row.address, &row.blocks) == 3)
		add(strcmp(kind, "lost") ? &ret->possible : &ret->lost, row);
	fclose(file);
	qsort(ret->lost.items, ret->lost.count, sizeof(row), by_address);
	qsort(ret->possible.items, ret->possible.count, sizeof(row), by_address);
}

static void read_world(struct world *world, const char *core, struct anomalies *anomalies)
{
	struct image_options options = {.anomalies = anomalies};
	struct target_options target_options = {.anomalies = anomalies};
	struct error err = {0};
	struct image *image = image_open_core(core, &options, &err);
	struct allocator *allocator;

	world->target = image ? target_attach(image, &target_options, &err) : NULL;
	allocator = world->target ? glibc_allocator.attach(world->target, &err) : NULL;
	cr_assert(allocator, "%s", err.message);
	cr_assert(collection_init(&world->collection, &err));
	cr_assert(collect_heap(&world->collection, &glibc_allocator, allocator, &err));
	glibc_allocator.detach(allocator);
	cr_assert(native_memory_init(&world->memory, image, &world->collection,
				     &world->no_objects, &err));
}

static void find_lost(struct world *world)
{
	struct native_source source = {.blocks = world->memory.blocks.items,
				       .count = (uint32_t)world->memory.blocks.count,
				       .context = &world->memory,
				       .roots = native_memory_roots,
				       .view = native_memory_view};
	struct error err = {0};

	cr_assert(native_reach_compute(&source, &world->reach, &err), "%s", err.message);
}

static unsigned blocks_of(const struct world *world, uint32_t head)
{
	unsigned blocks = 0;

	for (uint32_t i = 0; i < world->memory.blocks.count; i++)
		blocks += world->reach.head[i] == head;
	return blocks;
}

static void heads_of(const struct world *world, enum native_state state, struct rows *ret)
{
	for (uint32_t i = 0; i < world->memory.blocks.count; i++)
		if (world->reach.head[i] == i && world->reach.state[i] == state)
			add(ret, (struct row){world->memory.blocks.items[i].address,
					      blocks_of(world, i)});
}

static void compare(const struct rows *found, const struct rows *told)
{
	cr_expect_eq(found->count, told->count, "%zu found, %zu told", found->count,
		     told->count);
	for (size_t i = 0; i < found->count && i < told->count; i++) {
		cr_expect_eq(found->items[i].address, told->items[i].address,
			     "0x%" PRIx64 " found, 0x%" PRIx64 " told", found->items[i].address,
			     told->items[i].address);
		cr_expect_eq(found->items[i].blocks, told->items[i].blocks,
			     "0x%" PRIx64 ": %u and %u blocks", found->items[i].address,
			     found->items[i].blocks, told->items[i].blocks);
	}
}

static void release(struct world *world)
{
	native_reach_release(&world->reach);
	native_memory_release(&world->memory);
	collection_release(&world->collection);
	target_detach(world->target);
}

static void check_core(const struct crashed *crash)
{
	struct anomalies *anomalies = anomalies_create();
	struct truth truth = {0};
	struct rows lost = {0}, possible = {0};
	struct world world = {0};

	read_truth(crash->record, &truth);
	cr_assert_eq(truth.lost.count, LOST);
	read_world(&world, crash->core, anomalies);
	find_lost(&world);
	heads_of(&world, NATIVE_LOST, &lost);
	heads_of(&world, NATIVE_POSSIBLE, &possible);
	compare(&lost, &truth.lost);
	compare(&possible, &truth.possible);
	cr_expect_eq(world.memory.missing, 0u);
	release(&world);
	anomalies_free(anomalies);
}

Test(leak_truth, has_each_lost_block_of_a_hundred_thousand_and_no_other)
{
	struct crashed crash;

	if (crashed_run(&crash, PROGRAM, "-O1", ""))
		check_core(&crash);
	crashed_clean(&crash);
}
