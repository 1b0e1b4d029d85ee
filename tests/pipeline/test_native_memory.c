/*
 * Which memory may hold a pointer to a block: one lost block, one place at a time that has its
 * address.
 */
#include "pipeline/native_memory.h"

#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>

#define HEAP       0x555500000000u
#define HEAP_SIZE  0x2000u
#define LOST       (HEAP + 0x10)
#define HOLDER     (HEAP + 0x110) /* a block that something explains, once it is told */
#define DATA       0x7f0000000000u
#define STACK      0x7f0000100000u /* a thread's, of four pages */
#define STACK_SIZE 0x4000u
#define DESCRIPTOR (STACK + 0x3800)
#define ENDED      0x7f0000200000u /* the same of a thread that ended */
#define POINTER    (STACK + 0x2000)

struct sample {
	struct core_builder *core;
	uint8_t heap[HEAP_SIZE], data[0x1000], stack[STACK_SIZE], ended[STACK_SIZE];
	uint8_t status[336];
	struct collection collection;
	uint64_t missing;
};

static void put(uint8_t *bytes, uint64_t offset, uint64_t word)
{
	memcpy(bytes + offset, &word, sizeof(word));
}

static void put_descriptor(uint8_t *stack, addr_t address)
{
	uint64_t at = DESCRIPTOR - STACK;

	put(stack, at, address + at);
	put(stack, at + 16, address + at);
	put(stack, at + 0x690, address);
	put(stack, at + 0x698, STACK_SIZE);
}

static void add_block(struct sample *sample, addr_t address, uint64_t size)
{
	vector_push(&sample->collection.native_blocks,
		    ((struct block_report){.address = address, .size = size}));
}

static struct sample *begin(void)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	struct error err = {0};

	cr_assert(sample && collection_init(&sample->collection, &err));
	sample->core = core_create();
	put_descriptor(sample->stack, STACK);
	put_descriptor(sample->ended, ENDED);
	put(sample->status, 112 + REGISTER_RSP * 8, POINTER);
	put(sample->status, 112 + REGISTER_FS_BASE * 8, DESCRIPTOR);
	vector_push(&sample->collection.arenas,
		    ((struct collected_arena){"glibc", {.address = HEAP, .size = HEAP_SIZE}}));
	sample->collection.native_arenas = 1;
	add_block(sample, LOST, 0x48);
	add_block(sample, HOLDER, 0x48);
	return sample;
}

static void load(struct sample *sample, addr_t address, const void *bytes, uint64_t size)
{
	core_load(sample->core,
		  (struct core_load){.address = address, .bytes = bytes, .size = size});
}

static struct image *open_image(struct sample *sample)
{
	load(sample, HEAP, sample->heap, sizeof(sample->heap));
	load(sample, DATA, sample->data, sizeof(sample->data));
	load(sample, STACK, sample->stack, sizeof(sample->stack));
	load(sample, ENDED, sample->ended, sizeof(sample->ended));
	core_note(sample->core, NT_PRSTATUS, sample->status, sizeof(sample->status));
	return core_open(sample->core, NULL);
}

/* Ends the sample. */
static bool is_lost(struct sample *sample, uint64_t *ret_missing)
{
	struct image *image = open_image(sample);
	struct native_memory memory;
	struct native_reach reach;
	struct graph no_objects = {0};
	struct error err = {0};
	bool lost;

	cr_assert(native_memory_init(&memory, image, &sample->collection, &no_objects, &err));
	struct native_source source = {.blocks = memory.blocks.items,
				       .count = (uint32_t)memory.blocks.count,
				       .context = &memory,
				       .roots = native_memory_roots,
				       .view = native_memory_view};
	cr_assert(native_reach_compute(&source, &reach, &err), "%s", err.message);
	cr_assert_eq(memory.blocks.items[0].address, LOST);
	lost = reach.state[0] == NATIVE_LOST;
	if (ret_missing)
		*ret_missing = memory.missing;
	native_reach_release(&reach);
	native_memory_release(&memory);
	image_close(image);
	core_free(sample->core);
	collection_release(&sample->collection);
	free(sample);
	return lost;
}

static void claim_holder(struct sample *sample, uint64_t size, uint64_t spare, bool cached)
{
	vector_push(&sample->collection.claims, ((struct claim_report){.address = HOLDER,
								       .size = size,
								       .spare = spare,
								       .kind = "list-items",
								       .cached = cached}));
}

Test(native_memory, has_lost_what_nothing_holds)
{
	cr_expect(is_lost(begin(), NULL));
}

Test(native_memory, takes_module_data_and_registers_for_roots)
{
	struct sample *sample = begin();

	put(sample->data, 0x100, LOST);
	cr_expect(!is_lost(sample, NULL));
	sample = begin();
	put(sample->status, 112 + REGISTER_R12 * 8, LOST);
	cr_expect(!is_lost(sample, NULL));
}

Test(native_memory, takes_a_stack_for_a_root_above_its_pointer_only)
{
	static const struct {
		uint64_t offset;
		bool lost;
	} words[] = {
		{0x100, true},   {0x1f00, true},  {0x1f80, false}, {0x1ff8, false},
		{0x2000, false}, {0x37f8, false}, {0x3c00, false},
	};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		struct sample *sample = begin();

		put(sample->stack, words[i].offset, LOST);
		cr_expect_eq(is_lost(sample, NULL), words[i].lost, "offset 0x%zx",
			     (size_t)words[i].offset);
	}
}

Test(native_memory, takes_of_an_ended_threads_stack_only_the_descriptor)
{
	struct sample *sample = begin();

	put(sample->ended, 0x2800, LOST);
	cr_expect(is_lost(sample, NULL));
	sample = begin();
	put(sample->ended, 0x3780, LOST); /* a thread-local variable */
	cr_expect(!is_lost(sample, NULL));
	sample = begin();
	put(sample->ended, 0x3808, LOST);
	cr_expect(!is_lost(sample, NULL));
}

Test(native_memory, takes_no_stack_for_dead_that_does_not_say_where_it_begins)
{
	struct sample *sample = begin();

	put(sample->stack, DESCRIPTOR - STACK + 0x690, STACK + 0x10);
	put(sample->stack, 0x100, LOST);
	cr_expect(!is_lost(sample, NULL));
}

Test(native_memory, takes_no_state_of_the_allocator_for_a_root)
{
	struct sample *sample = begin();

	vector_push(&sample->collection.allocator_states,
		    ((struct address_range){DATA + 0x80, DATA + 0x180}));
	put(sample->data, 0x100, LOST);
	put(sample->heap, HEAP_SIZE - 0x100, LOST); /* in no block */
	cr_expect(is_lost(sample, NULL));
}

Test(native_memory, takes_what_the_runtime_uses_for_a_root)
{
	struct sample *sample = begin();

	put(sample->heap, HOLDER - HEAP + 0x20, LOST);
	cr_expect(is_lost(sample, NULL));
	sample = begin();
	put(sample->heap, HOLDER - HEAP + 0x20, LOST);
	claim_holder(sample, 0x48, 0, false);
	cr_expect(!is_lost(sample, NULL));
}

Test(native_memory, takes_nothing_for_a_root_that_is_kept_for_later)
{
	struct sample *sample = begin();

	put(sample->heap, HOLDER - HEAP + 0x20, LOST);
	claim_holder(sample, 0x48, 0, true);
	cr_expect(is_lost(sample, NULL));
	sample = begin();
	put(sample->heap, HOLDER - HEAP + 0x20, LOST);
	claim_holder(sample, 0x48, 0x28, false);
	cr_expect(is_lost(sample, NULL));
}

Test(native_memory, takes_what_allocators_round_up_for_no_root)
{
	struct sample *sample = begin();

	put(sample->heap, HOLDER - HEAP + 0x40, LOST);
	claim_holder(sample, 0x3c, 0, false);
	cr_expect(is_lost(sample, NULL));
	sample = begin();
	put(sample->heap, HOLDER - HEAP + 0x40, LOST);
	claim_holder(sample, 0x20, 0, false);
	cr_expect(!is_lost(sample, NULL), "what follows may be a part nobody told of");
}

Test(native_memory, leaves_out_what_is_in_the_cache_of_a_thread_that_is_gone)
{
	struct sample *sample = begin();

	add_block(sample, HEAP + 0x210, 0x48);
	sample->collection.native_blocks.items[2].state = BLOCK_CACHED;
	put(sample->heap, 0x218, 0xb41869eb6c1a81a6u);
	put(sample->heap, HOLDER - HEAP + 8, 0xb41869eb6c1a81a6u);
	put(sample->heap, HOLDER - HEAP + 0x20, LOST);
	cr_expect(!is_lost(sample, NULL), "and takes it for held");
}

Test(native_memory, finds_empty_blocks_of_the_debug_allocator_at_their_end)
{
	struct sample *sample = begin();

	sample->collection.native_blocks.items[0].size = 0x18;
	put(sample->data, 0x100, LOST + 0x10);
	cr_expect(is_lost(sample, NULL));
	sample = begin();
	sample->collection.native_blocks.items[0].size = 0x18;
	sample->collection.native_blocks.items[0].pads = PADS_SOUND;
	sample->collection.native_blocks.items[0].rest = 8;
	put(sample->data, 0x100, LOST + 0x10);
	cr_expect(!is_lost(sample, NULL));
}

Test(native_memory, misses_a_thread_whose_memory_is_zeros)
{
	struct sample *sample = begin();
	uint64_t missing;

	is_lost(sample, &missing);
	cr_expect_eq(missing, 0u);
	sample = begin();
	memset(sample->stack, 0, sizeof(sample->stack));
	is_lost(sample, &missing);
	cr_expect_gt(missing, 0u);
}

Test(native_memory, misses_memory_that_was_not_dumped)
{
	struct sample *sample = begin();
	uint64_t missing;

	core_load(sample->core,
		  (struct core_load){.address = 0x7f0000300000u, .memory_size = 0x100000});
	is_lost(sample, &missing);
	cr_expect_eq(missing, 0x100000u);
	sample = begin();
	core_load(sample->core,
		  (struct core_load){.address = 0x7f0000300000u, .memory_size = 0x1000});
	is_lost(sample, &missing);
	cr_expect_eq(missing, 0u, "what the C library keeps for getrandom()");
}
