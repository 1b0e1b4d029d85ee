/*
 * A real heap against what the process said of itself: heap_program.c is compiled, run and
 * dumped.  Skipped, with a reason, where there is no compiler or no core can be had.
 */
#include "heap/glibc.h"

#include "base/vector.h"
#include "core/bytes.h"
#include "support/crashed.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define PROGRAM "tests/e2e/glibc/heap_program.c"
#define THREADS 6

struct truth {
	uint64_t arena, ordblks, hblks, hblkhd, fsmblks, uordblks, fordblks, keepcost;
	VECTOR_OF(struct block_report) used; /* size: usable */
};

struct found {
	uint64_t arenas, free_chunks, free_bytes, top_bytes, cached_bytes, mapped, mapped_bytes;
	bool has_main_top;
	const struct truth *truth;
	VECTOR_OF(struct block_report) used;
};

struct fixture {
	struct crashed crashed;
	struct truth truth;
	struct found found;
	uint64_t anomalies;
};

static int by_address(const void *left, const void *right)
{
	addr_t a = ((const struct block_report *)left)->address;
	addr_t b = ((const struct block_report *)right)->address;

	return a < b ? -1 : a > b;
}

static void read_fact(struct truth *truth, const char *name, uint64_t value)
{
	struct {
		const char *name;
		uint64_t *ret;
	} facts[] = {
		{"arena", &truth->arena},       {"ordblks", &truth->ordblks},
		{"hblks", &truth->hblks},       {"hblkhd", &truth->hblkhd},
		{"fsmblks", &truth->fsmblks},   {"uordblks", &truth->uordblks},
		{"fordblks", &truth->fordblks}, {"keepcost", &truth->keepcost},
	};

	for (size_t i = 0; i < ARRAY_COUNT(facts); i++)
		if (!strcmp(name, facts[i].name))
			*facts[i].ret = value;
}

static void read_truth(struct fixture *fixture)
{
	FILE *file = fopen(fixture->crashed.record, "r");
	char line[128], name[32];

	cr_assert(file);
	while (fgets(line, sizeof(line), file)) {
		struct block_report block = {0};
		uint64_t value;

		if (sscanf(line, "used %" SCNx64 " %" SCNu64, &block.address, &block.size) == 2)
			vector_push(&fixture->truth.used, block);
		else if (sscanf(line, "%31s %" SCNu64, name, &value) == 2)
			read_fact(&fixture->truth, name, value);
	}
	fclose(file);
	qsort(fixture->truth.used.items, fixture->truth.used.count,
	      sizeof(*fixture->truth.used.items), by_address);
}

static void take_arena(void *context, const struct arena_report *arena)
{
	((struct found *)context)->arenas += arena->size;
}

static void take_block(void *context, const struct block_report *block)
{
	struct found *found = context;

	if (block->state == BLOCK_USED)
		vector_push(&found->used, *block);
	if (block->place == BLOCK_TOP) {
		found->top_bytes += block->size + 16;
		found->free_chunks++; /* mallinfo2 counts it, too */
		found->has_main_top |= block->size + 16 == found->truth->keepcost;
	} else if (block->place == BLOCK_MAPPED) {
		found->mapped++;
		/* An aligned one begins later in its mapping. */
		found->mapped_bytes += page_ceiling(block->address + block->size) -
				       page_floor(block->address - 16);
	} else if (block->state == BLOCK_FREE) {
		found->free_chunks++;
		found->free_bytes += block->size + 8;
	} else if (block->state == BLOCK_CACHED) {
		found->cached_bytes += block->size + 8;
	}
}

static void analyze(struct fixture *fixture)
{
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies};
	struct target_options target_options = {.anomalies = anomalies};
	struct heap_visitor visitor = {
		.context = &fixture->found, .arena = take_arena, .block = take_block};
	struct error err = {0};
	struct image *image = image_open_core(fixture->crashed.core, &options, &err);
	struct target *target = image ? target_attach(image, &target_options, &err) : NULL;
	struct allocator *allocator = target ? glibc_allocator.attach(target, &err) : NULL;

	cr_assert(allocator, "%s", err.message);
	fixture->found.truth = &fixture->truth;
	glibc_allocator.each(allocator, &visitor);
	glibc_allocator.detach(allocator);
	target_detach(target);
	qsort(fixture->found.used.items, fixture->found.used.count,
	      sizeof(*fixture->found.used.items), by_address);
	fixture->anomalies = anomalies_count(anomalies);
	anomalies_free(anomalies);
}

static bool prepare(struct fixture *fixture, const char *mode)
{
	*fixture = (struct fixture){0};
	if (!crashed_run(&fixture->crashed, PROGRAM, "-O1", mode))
		return false;
	read_truth(fixture);
	analyze(fixture);
	return true;
}

static void clean(struct fixture *fixture)
{
	crashed_clean(&fixture->crashed);
	vector_release(&fixture->truth.used);
	vector_release(&fixture->found.used);
}

/* All that was recorded is found; what else is found is the C library's own for each thread. */
static void compare_used(const struct fixture *fixture)
{
	const struct block_report *found = fixture->found.used.items;
	size_t at = 0, others = 0;

	vector_each (&fixture->truth.used, block) {
		for (; at < fixture->found.used.count && found[at].address < block->address;
		     at++)
			others++;
		cr_assert_lt(at, fixture->found.used.count);
		cr_assert_eq(found[at].address, block->address, "0x%" PRIx64 " is not used",
			     block->address);
		cr_assert_eq(found[at].size, block->size, "0x%" PRIx64 " has another size",
			     block->address);
		at++;
	}
	others += fixture->found.used.count - at;
	cr_assert_leq(others, 4 * (THREADS + 1u), "%zu blocks are used that nobody has",
		      others);
}

Test(glibc_truth, is_what_mallinfo_says)
{
	struct fixture fixture;

	if (prepare(&fixture, "plain")) {
		const struct truth *truth = &fixture.truth;
		const struct found *found = &fixture.found;
		uint64_t free_bytes = found->free_bytes + found->top_bytes + truth->fsmblks;

		cr_expect_eq(found->arenas, truth->arena);
		cr_expect_eq(found->free_chunks, truth->ordblks);
		cr_expect_eq(found->mapped, truth->hblks);
		cr_expect_eq(found->mapped_bytes, truth->hblkhd);
		cr_expect_eq(free_bytes, truth->fordblks);
		cr_expect_eq(found->arenas - free_bytes, truth->uordblks);
		cr_expect_geq(found->cached_bytes, truth->fsmblks);
		cr_expect(found->has_main_top);
		cr_expect_eq(fixture.anomalies, 0u);
	}
	clean(&fixture);
}

Test(glibc_truth, has_every_block_in_use_and_no_other)
{
	struct fixture fixture;

	if (prepare(&fixture, "plain"))
		compare_used(&fixture);
	clean(&fixture);
}

static void check_scattered(const char *mode)
{
	struct fixture fixture;

	if (prepare(&fixture, mode)) {
		compare_used(&fixture);
		cr_expect_eq(fixture.found.free_chunks, fixture.truth.ordblks);
		cr_expect_eq(fixture.found.mapped_bytes, fixture.truth.hblkhd);
		cr_expect_eq(fixture.anomalies, 0u);
	}
	clean(&fixture);
}

Test(glibc_truth, has_every_block_where_others_moved_the_break)
{
	check_scattered("foreign");
}

Test(glibc_truth, has_every_block_where_the_break_could_not_move)
{
	check_scattered("blocked");
}
