/*
 * A good heap with bytes changed at random: the walk comes to its end, blocks stay in order, apart
 * from each other and in memory, whatever it says of them.  The seed is fixed.
 */
#include "heap/glibc.h"
#include "support/heap_sample.h"

#include <criterion/criterion.h>

#define ROUNDS       400
#define MOST_CHANGES 12u

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Chunks of many sizes, some free and in the unsorted bin, some in a tcache and a fastbin. */
static struct heap_sample *rich_heap(uint32_t *state)
{
	const struct release *release =
		next_random(state) % 2 ? &with_fastbins : &without_fastbins;
	struct heap_sample *sample = sample_begin(release);
	addr_t tcache = sample_add_tcache(sample), first = sample_add_chunk(sample, 32), freed;

	sample_put_heap(sample, first, first >> 12);
	sample_set_tcache(sample, tcache, 0, first, 1);
	for (int i = 0; i < 200; i++)
		sample_add_chunk(sample, 32 + next_random(state) % 12 * 16);
	freed = sample_add_chunk(sample, 1024);
	sample_add_chunk(sample, 64);
	sample_free_chunk(sample, freed);
	sample_put_heap(sample, freed, DATA + release->bins - 16);
	sample_put_heap(sample, freed + 8, DATA + release->bins - 16);
	sample_put(sample->data, release->bins, freed - 16);
	sample_put(sample->data, release->bins + 8, freed - 16);
	sample_add_top(sample);
	sample_add_parameters(sample, 1, 0x3000);
	sample->has_mapped = true;
	sample_put(sample->mapped, 0x1008, 0x3000 | 2);
	return sample;
}

/* A byte, or a word as programs write them: small, an address of the heap, or text. */
static void change(uint8_t *bytes, uint64_t size, uint32_t *state)
{
	uint64_t at = (uint64_t)next_random(state) % size & ~7ull;
	uint64_t words[] = {0,
			    17,
			    next_random(state) % 5000,
			    0x4141414141414141,
			    HEAP + next_random(state) % HEAP_SIZE,
			    UINT64_MAX};

	if (next_random(state) % 3 == 0)
		bytes[at + next_random(state) % 8] ^= (uint8_t)(1u << next_random(state) % 8);
	else
		sample_put(bytes, at, words[next_random(state) % ARRAY_COUNT(words)]);
}

static void check_blocks(const struct heap_sample *sample, uint32_t seed)
{
	addr_t end = 0;

	vector_each (&sample->blocks, block) {
		if (block->place == BLOCK_MAPPED)
			continue;
		cr_assert_geq(block->address, end, "seed %u: blocks overlap", seed);
		end = block->address + block->size;
		cr_assert(block->address >= HEAP && end <= HEAP + HEAP_SIZE,
			  "seed %u: a block leaves the heap", seed);
		cr_assert_leq(block_user_size(block), block->size, "seed %u", seed);
	}
}

Test(glibc_fuzz, ends_and_stays_in_order)
{
	for (uint32_t seed = 1; seed <= ROUNDS; seed++) {
		uint32_t state = seed;
		struct heap_sample *sample = rich_heap(&state);
		uint32_t changes = 1 + next_random(&state) % MOST_CHANGES;

		for (uint32_t i = 0; i < changes; i++)
			switch (next_random(&state) % 8) {
			case 0:
				change(sample->data, 0x1100, &state);
				break;
			case 1:
				change(sample->tls, 0x200, &state);
				break;
			case 2:
				change(sample->mapped, sizeof(sample->mapped), &state);
				break;
			default:
				change(sample->heap, sample->next < 0x8000 ? 0x8000 : HEAP_SIZE,
				       &state);
			}
		sample_walk(sample);
		check_blocks(sample, seed);
		sample_end(sample);
	}
}
