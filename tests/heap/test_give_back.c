#include "heap/give_back.h"

#include <criterion/criterion.h>

#define POOL   ((uint64_t)16 << 10)
#define ARENA  (4 * POOL)
#define ARENAS 0x7f0000000000u
#define HEAP   0x555500000000u
#define KIB    1024u

/* A few arenas of four pools each, and one heap of the C library's. */
static struct arena_report arenas[8], native_arena;
static struct pool_report pools[32];
static struct block_report blocks[64];
static struct found_heap heap;

static void begin(void)
{
	heap = (struct found_heap){
		.arenas = arenas,
		.pools = pools,
		.native_arenas = &native_arena,
		.blocks = blocks,
		.limits = {.trim_threshold = 128 * KIB,
			   .top_pad = 128 * KIB,
			   .mmap_threshold = 128 * KIB,
			   .cache_most = 1032,
			   .cache_depth = 7,
			   .fast_most = 128},
		.thread_count = 1,
	};
	native_arena = (struct arena_report){.address = HEAP, .end = END_BREAK};
}

TestSuite(give_back, .init = begin);

/* `used` has blocks in use of each pool, '.' for a free one, '_' for one never carved. */
static void add_arena(const char *used, uint32_t usable)
{
	struct arena_report *arena = &arenas[heap.arena_count];

	*arena = (struct arena_report){.address = ARENAS + heap.arena_count++ * 2 * ARENA,
				       .size = ARENA,
				       .usable = usable,
				       .stays_last = true};
	for (; *used; used++) {
		uint32_t blocks_used =
			*used > '0' && *used <= '9' ? (uint32_t)(*used - '0') : 0;

		if (*used != '_')
			pools[heap.pool_count++] = (struct pool_report){
				.address = arena->address + arena->pools * POOL,
				.size = POOL,
				.header = 48,
				.block_size = blocks_used ? 512 : 0,
				.capacity = 31,
				.used = blocks_used};
		arena->free_pools += !blocks_used;
		arena->pools++;
	}
}

static addr_t block_in(uint32_t arena, uint32_t pool, uint32_t number)
{
	return ARENAS + arena * 2 * ARENA + pool * POOL + 48 + number * 512;
}

static addr_t end_of_heap(void)
{
	const struct block_report *last;

	if (!heap.block_count)
		return HEAP;
	last = &blocks[heap.block_count - 1];
	return last->address + last->size - 8;
}

/* A chunk of that many bytes; returns the block. */
static addr_t add_chunk(uint64_t size, enum block_state state)
{
	addr_t address = end_of_heap() + 16;

	heap.native_arena_count = 1;
	blocks[heap.block_count++] = (struct block_report){
		.address = address, .size = size - 8, .state = (uint8_t)state};
	return address;
}

static void add_top(uint64_t size)
{
	addr_t address = end_of_heap() + 16;

	heap.native_arena_count = 1;
	blocks[heap.block_count++] = (struct block_report){
		.address = address, .size = size - 16, .state = BLOCK_FREE, .place = BLOCK_TOP};
	native_arena.size = address + size - 16 - HEAP;
}

static struct given_back give_back_of(const addr_t *addresses, size_t count)
{
	CLEANUP(give_back_freep) struct give_back *give_back = give_back_create(&heap);

	cr_assert(give_back != NULL);
	/* What it says does not depend on what was simulated before. */
	for (int round = 0; round < 2; round++) {
		give_back_reset(give_back);
		for (size_t i = 0; i < count; i++)
			give_back_block(give_back, addresses[i]);
	}
	return give_back_result(give_back);
}

#define FREED(...)                                  \
	give_back_of((const addr_t[]){__VA_ARGS__}, \
		     sizeof((const addr_t[]){__VA_ARGS__}) / sizeof(addr_t))

Test(give_back, unmaps_an_arena_once_all_of_its_pools_are_free)
{
	struct given_back result;

	add_arena(".1.2", 1);
	add_arena("...1", 2);
	result = FREED(block_in(0, 1, 0), block_in(0, 3, 0));
	cr_expect_eq(result.bytes, 0u, "one block is left");
	cr_expect_eq(result.freed_blocks, 2u);
	cr_expect_eq(result.freed_bytes, 1024u);
	result = FREED(block_in(0, 1, 0), block_in(0, 3, 0), block_in(0, 3, 1));
	cr_expect_eq(result.bytes, ARENA);
	cr_expect_eq(result.arenas, 1u);
}

Test(give_back, keeps_the_last_arena_of_the_list)
{
	struct given_back result;

	add_arena("1...", 1);
	add_arena("1...", 2);
	result = FREED(block_in(1, 0, 0));
	cr_expect_eq(result.bytes, 0u, "it is the last of those with three");
	result = FREED(block_in(0, 0, 0));
	cr_expect_eq(result.bytes, ARENA, "it is not the last");
	result = FREED(block_in(1, 0, 0), block_in(0, 0, 0));
	cr_expect_eq(result.bytes, ARENA);
	arenas[0].stays_last = arenas[1].stays_last = false;
	result = FREED(block_in(1, 0, 0), block_in(0, 0, 0));
	cr_expect_eq(result.bytes, 2 * ARENA, "CPython 3.8 keeps none");
}

Test(give_back, moves_an_arena_behind_those_with_as_many_free_pools_as_it_had)
{
	struct given_back result;

	/* The second gets to be last before it is free; the first was in front of it. */
	add_arena("1...", 2);
	add_arena("111.", 1);
	result = FREED(block_in(1, 0, 0), block_in(1, 1, 0), block_in(1, 2, 0));
	cr_expect_eq(result.bytes, ARENA, "the first has three, and is behind it");
	result = FREED(block_in(0, 0, 0), block_in(1, 0, 0), block_in(1, 1, 0),
		       block_in(1, 2, 0));
	cr_expect_eq(result.bytes, ARENA, "the first stays as the last, the second goes");
}

Test(give_back, counts_pools_that_were_never_carved_as_free)
{
	add_arena("1___", 1);
	add_arena("1...", 2);
	cr_assert_eq(FREED(block_in(0, 0, 0)).bytes, ARENA);
}

Test(give_back, frees_an_arena_that_is_a_chunk_as_that_chunk)
{
	add_arena("1...", 1);
	add_arena("1...", 2);
	blocks[0] = (struct block_report){.address = ARENAS - 16,
					  .size = ARENA + 32,
					  .state = BLOCK_USED,
					  .place = BLOCK_MAPPED};
	heap.block_count = 1;
	cr_assert_eq(FREED(block_in(0, 0, 0)).bytes, ARENA + 4096);
}

Test(give_back, trims_the_end_of_a_heap_down_to_its_pad)
{
	addr_t used = add_chunk(2048, BLOCK_USED);

	add_chunk(1024 * KIB, BLOCK_FREE);
	add_top(64 * KIB);
	/* Of 1,026 KiB of chunks and the top all but the pad, 33 bytes, and part of a page. */
	cr_assert_eq(FREED(used).bytes, 0u, "a free chunk beside the top cannot be: no trim");
	heap.block_count = 0;
	add_chunk(1024 * KIB, BLOCK_FREE);
	used = add_chunk(2048, BLOCK_USED);
	add_top(64 * KIB);
	cr_expect_eq(FREED(used).bytes, (1024 + 64 - 128) * KIB);
	heap.limits.trim_threshold = 2048 * KIB;
	cr_expect_eq(FREED(used).bytes, 0u, "it is below the threshold");
	heap.limits.trim_threshold = 128 * KIB;
	native_arena.end = END_STAYS;
	cr_expect_eq(FREED(used).bytes, 0u);
}

Test(give_back, keeps_the_end_that_something_pins)
{
	addr_t low, high;

	add_chunk(512 * KIB, BLOCK_FREE);
	low = add_chunk(2048, BLOCK_USED);
	add_chunk(512 * KIB, BLOCK_FREE);
	high = add_chunk(2048, BLOCK_USED);
	add_top(64 * KIB);
	cr_expect_eq(FREED(low).bytes, 0u);
	cr_expect_eq(FREED(high).bytes, (512 + 64 - 128) * KIB);
	/* Trimmed twice, and both joined first: the same end is left. */
	cr_expect_eq(FREED(high, low).bytes, FREED(low, high).bytes);
	cr_expect_eq(FREED(low, high).bytes, (1024 + 64 + 4 - 128) * KIB - 4096);
}

Test(give_back, puts_small_blocks_into_the_cache_until_that_is_full)
{
	addr_t used[8];

	add_chunk(512 * KIB, BLOCK_FREE);
	for (int i = 0; i < 8; i++)
		used[i] = add_chunk(512, BLOCK_USED);
	add_top(64 * KIB);
	cr_expect_eq(give_back_of(used, 8).bytes, 0u, "seven are in the cache");
	heap.limits.cache_depth = 0;
	cr_expect_gt(give_back_of(used, 8).bytes, 0u);
	heap.limits.cache_depth = 7;
	heap.limits.cache_most = 496;
	cr_expect_gt(give_back_of(used, 8).bytes, 0u, "they are too large for it");
}

Test(give_back, counts_what_is_in_the_cache_of_the_only_thread)
{
	addr_t used;

	for (int i = 0; i < 7; i++)
		add_chunk(512, BLOCK_CACHED);
	add_chunk(512 * KIB, BLOCK_FREE);
	used = add_chunk(512, BLOCK_USED);
	add_top(64 * KIB);
	cr_expect_gt(FREED(used).bytes, 0u);
	heap.thread_count = 2;
	cr_expect_eq(FREED(used).bytes, 0u, "the other thread's cache may be empty");
}

Test(give_back, joins_fast_chunks_when_much_is_freed)
{
	addr_t fast, large;

	large = add_chunk(512 * KIB, BLOCK_USED);
	fast = add_chunk(64, BLOCK_USED);
	add_chunk(64, BLOCK_CACHED);
	blocks[heap.block_count - 1].place = BLOCK_FASTBIN;
	add_top(64 * KIB);
	heap.limits.cache_depth = 0;
	cr_expect_eq(FREED(fast).bytes, 0u, "it waits in a fastbin");
	cr_expect_gt(FREED(fast, large).bytes, 0u);
	cr_expect_eq(FREED(large).bytes, 0u, "the fast chunk is in use");
}

Test(give_back, unmaps_a_chunk_with_a_mapping_and_raises_the_threshold)
{
	addr_t used;

	add_chunk(512 * KIB, BLOCK_FREE);
	used = add_chunk(2048, BLOCK_USED);
	add_top(64 * KIB);
	blocks[heap.block_count++] = (struct block_report){.address = ARENAS + 16,
							   .size = 1024 * KIB - 16,
							   .state = BLOCK_USED,
							   .place = BLOCK_MAPPED};
	cr_expect_eq(FREED(ARENAS + 16).bytes, 1024 * KIB);
	cr_expect_eq(FREED(ARENAS + 16, used).bytes, 1024 * KIB, "2 MiB are the threshold now");
	cr_expect_gt(FREED(used, ARENAS + 16).bytes, 1024 * KIB, "it was lower then");
	heap.limits.is_fixed = true;
	cr_expect_gt(FREED(ARENAS + 16, used).bytes, 1024 * KIB);
}

Test(give_back, frees_nothing_twice_and_nothing_that_is_no_block)
{
	addr_t used;

	add_chunk(512 * KIB, BLOCK_FREE);
	used = add_chunk(2048, BLOCK_USED);
	add_top(64 * KIB);
	cr_expect_eq(FREED(used, used).freed_blocks, 1u);
	cr_expect_eq(FREED(0x1000, HEAP + 16).freed_blocks, 0u);
	cr_expect_eq(FREED(used, used).bytes, FREED(used).bytes);
}
