/*
 * A connection put together by hand: a big and two small free slots among used ones, a pager
 * with its scratch page.
 */
#include "runtime/cpython/readers.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>

#define BASE   0x100000u
#define LENGTH 0x4000u
#define CODE   0x900000u

/* Allocations: what malloc gave begins 8 bytes before. */
#define CONNECTION (BASE + 0x8)
#define DATABASES  (CONNECTION + 0x100)
#define TREE       (BASE + 0x408)
#define SHARED     (BASE + 0x508)
#define PAGER      (BASE + 0x608)
#define PAGE       (BASE + 0x1008)
#define SLOTS      (BASE + 0x3008)

#define LOOKASIDE_AT 0x40
#define BIG          256u
#define SMALL        128u
#define MIDDLE       (SLOTS + 2 * BIG)

#define PAGE_SIZE 4096u

struct claims {
	struct claim_report items[50];
	size_t count;
};

struct sample {
	struct core_builder *core;
	struct python python;
	struct runtime_visitor visitor;
	struct block_report blocks[10];
	struct heap_blocks heap;
	struct walk walk;
	struct claims claims;
	uint8_t bytes[LENGTH];
};

static void take_claim(void *context, const struct claim_report *claim)
{
	struct claims *claims = context;

	cr_assert_lt(claims->count, ARRAY_COUNT(claims->items));
	claims->items[claims->count++] = *claim;
}

static void put(struct sample *sample, addr_t address, uint64_t value)
{
	memcpy(sample->bytes + (address - BASE), &value, sizeof(value));
}

static void put_small(struct sample *sample, addr_t address, uint32_t value)
{
	memcpy(sample->bytes + (address - BASE), &value, sizeof(value));
}

/* Of so many bytes; malloc rounds up, with the size before it, to a multiple of 16 less 8. */
static void allocate(struct sample *sample, addr_t address, uint64_t size)
{
	put(sample, address - 8, size);
	sample->blocks[sample->heap.native_count++] = (struct block_report){
		.address = address - 8, .size = (size + 8 + 8 + 15) / 16 * 16 - 8};
}

static void put_slots(struct sample *sample)
{
	addr_t at = CONNECTION + LOOKASIDE_AT;

	put_small(sample, at + 4, BIG << 16 | BIG);
	put_small(sample, at + 12, 5);
	put(sample, at + 32, SLOTS + BIG);        /* pInit: the second */
	put(sample, at + 48, MIDDLE + SMALL * 2); /* pSmallInit: the last, the first */
	put(sample, MIDDLE + SMALL * 2, MIDDLE);
	put(sample, at + 64, MIDDLE);
	put(sample, at + 72, SLOTS);
	put(sample, at + 80, MIDDLE + SMALL * 3);
}

static void sample_init(struct sample *sample)
{
	*sample = (struct sample){.core = core_create()};
	allocate(sample, CONNECTION, 0x200);
	allocate(sample, TREE, 0x40);
	allocate(sample, SHARED, 0x48);
	allocate(sample, PAGER, 0x100);
	allocate(sample, PAGE, PAGE_SIZE + 8);
	allocate(sample, SLOTS, 2 * BIG + 3 * SMALL);
	put(sample, CONNECTION + 32, DATABASES);
	put_small(sample, CONNECTION + 40, 1);
	put(sample, DATABASES + 8, TREE);
	put(sample, TREE, CONNECTION);
	put(sample, TREE + 8, SHARED);
	put(sample, SHARED, PAGER);
	put(sample, SHARED + 8, CONNECTION);
	put(sample, PAGER + 0xc0, CODE);
	put(sample, PAGER + 0xc8, PAGE);
	put_slots(sample);
}

static void run(struct sample *sample)
{
	struct address_range code = {CODE, CODE + 0x1000};

	core_load(sample->core,
		  (struct core_load){.address = BASE, .bytes = sample->bytes, .size = LENGTH});
	sample->python.image = core_open(sample->core, NULL);
	sample->visitor =
		(struct runtime_visitor){.context = &sample->claims, .claim = take_claim};
	sample->heap.native = sample->blocks;
	sample->walk = (struct walk){.python = &sample->python,
				     .visitor = &sample->visitor,
				     .heap = &sample->heap,
				     .claimed = address_set_create()};
	vector_push(&sample->walk.module_spans, code);
	sqlite_claim_unused(&sample->walk, CONNECTION);
	address_set_free(sample->walk.claimed);
	vector_release(&sample->walk.module_spans);
	image_close((struct image *)sample->python.image);
	core_free(sample->core);
}

static void expect_claim(const struct sample *sample, addr_t address, uint64_t size)
{
	for (size_t i = 0; i < sample->claims.count; i++)
		if (sample->claims.items[i].address == address) {
			cr_assert_eq(sample->claims.items[i].size, size);
			cr_assert(sample->claims.items[i].cached);
			return;
		}
	cr_assert_fail("0x%llx is not claimed", (unsigned long long)address);
}

Test(read_sqlite, claims_free_slots_the_scratch_page_and_what_malloc_rounds_up)
{
	struct sample sample;

	sample_init(&sample);
	run(&sample);
	expect_claim(&sample, SLOTS + BIG, BIG);
	expect_claim(&sample, MIDDLE, SMALL);
	expect_claim(&sample, MIDDLE + 2 * SMALL, SMALL);
	expect_claim(&sample, PAGE, PAGE_SIZE + 8);
	expect_claim(&sample, SHARED + 0x48, 8);
	expect_claim(&sample, PAGE + PAGE_SIZE + 8, 8);
	cr_assert_eq(sample.claims.count, 6u);
}

Test(read_sqlite, claims_nothing_of_a_struct_that_is_laid_out_otherwise)
{
	struct sample sample;

	sample_init(&sample);
	put(&sample, TREE, CONNECTION + 8);
	run(&sample);
	cr_assert_eq(sample.claims.count, 0u);
}

Test(read_sqlite, ends_a_list_of_slots_with_a_link_to_elsewhere)
{
	struct sample sample;

	sample_init(&sample);
	put(&sample, MIDDLE + SMALL * 2, MIDDLE + 8);
	run(&sample);
	expect_claim(&sample, MIDDLE + 2 * SMALL, SMALL);
	for (size_t i = 0; i < sample.claims.count; i++)
		cr_assert_neq(sample.claims.items[i].address, MIDDLE + 8u);
}

Test(read_sqlite, ends_a_list_of_slots_that_leads_back_to_itself)
{
	struct sample sample;

	sample_init(&sample);
	put(&sample, MIDDLE + SMALL * 2, MIDDLE + SMALL * 2);
	run(&sample);
	expect_claim(&sample, MIDDLE + 2 * SMALL, SMALL);
}
