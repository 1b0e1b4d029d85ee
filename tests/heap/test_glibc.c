#include "heap/glibc.h"

#include "support/heap_sample.h"

#include <criterion/criterion.h>

/* Walks, and holds what was found against sample_states()'s text. */
static void expect(struct heap_sample *sample, const char *states, size_t anomalies)
{
	cr_assert(sample_walk(sample));
	cr_assert_str_eq(sample_states(sample), states);
	cr_assert_eq(sample_anomalies(sample), anomalies);
}

#define WRITER "a block lies before a damaged chunk: likely it was written past its end"

/* Where the first of them is; 0: there is none. */
static addr_t anomaly_at(const struct heap_sample *sample, const char *message)
{
	for (size_t i = 0; i < anomalies_count(sample->anomalies); i++)
		if (!strcmp(anomalies_get(sample->anomalies, i)->message, message))
			return anomalies_get(sample->anomalies, i)->address;
	return 0;
}

Test(glibc, is_not_there_without_an_arena)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	memset(sample->data, 0, sizeof(sample->data));
	cr_assert_not(sample_walk(sample));
	sample_end(sample);
}

Test(glibc, tells_a_free_chunk_by_what_the_next_one_says)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t freed;

	sample_add_chunk(sample, 32);
	freed = sample_add_chunk(sample, 64);
	sample_add_chunk(sample, 48);
	sample_free_chunk(sample, freed);
	sample_add_top(sample);
	sample_add_parameters(sample, 0, 0);
	expect(sample, "used 24, free 56, used 40, top free 65376", 0);
	cr_assert_eq(sample->blocks.items[1].address, freed);
	sample_end(sample);
}

Test(glibc, sums_chunks_up_to_their_arena)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_chunk(sample, 64);
	sample_add_top(sample);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample->arenas.count, 1u);
	cr_assert_eq(sample->arenas.items[0].address, HEAP);
	cr_assert_eq(sample->arenas.items[0].size, HEAP_SIZE);
	cr_assert_eq(sample->arenas.items[0].used, 80u);
	cr_assert_eq(sample->arenas.items[0].free, HEAP_SIZE - 96 - 16);
	sample_end(sample);
}

Test(glibc, knows_the_release_that_has_no_fastbins)
{
	struct heap_sample *sample = sample_begin(&without_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_top(sample);
	expect(sample, "used 24, top free 65488", 0);
	sample_end(sample);
}

static void check_tcache(bool safe_linking)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t tcache = sample_add_tcache(sample), first, second;

	first = sample_add_chunk(sample, 32);
	sample_add_chunk(sample, 32);
	second = sample_add_chunk(sample, 32);
	sample_put_heap(sample, first, safe_linking ? second ^ first >> 12 : second);
	sample_put_heap(sample, second, safe_linking ? second >> 12 : 0);
	sample_set_tcache(sample, tcache, 0, first, 2);
	sample_add_top(sample);
	expect(sample, "used 648, cached 24, used 24, cached 24, top free 64768", 0);
	sample_end(sample);
}

Test(glibc, does_not_call_used_what_a_tcache_keeps)
{
	check_tcache(true);
}

Test(glibc, reads_the_plain_links_of_older_releases)
{
	check_tcache(false);
}

Test(glibc, does_not_call_used_what_a_fastbin_keeps)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t first = sample_add_chunk(sample, 48), second;

	sample_add_chunk(sample, 48);
	second = sample_add_chunk(sample, 48);
	sample_put_heap(sample, first, (second - 16) ^ first >> 12);
	sample_put_heap(sample, second, second >> 12);
	sample_put(sample->data, with_fastbins.fastbins + 8, first - 16);
	sample_add_top(sample);
	expect(sample, "cached 40, used 40, cached 40, top free 65376", 0);
	sample_end(sample);
}

Test(glibc, ends_with_a_tcache_list_that_has_no_end)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t tcache = sample_add_tcache(sample), first = sample_add_chunk(sample, 32),
	       second = sample_add_chunk(sample, 32);

	sample_put_heap(sample, first, second ^ first >> 12);
	sample_put_heap(sample, second, first ^ second >> 12);
	sample_set_tcache(sample, tcache, 0, first, 2);
	sample_add_top(sample);
	expect(sample, "used 648, cached 24, cached 24, top free 64800", 3);
	cr_assert(anomaly_at(sample, "a tcache's list of freed blocks is damaged"));
	cr_assert(anomaly_at(sample, WRITER));
	sample_end(sample);
}

Test(glibc, does_not_take_any_block_of_that_size_for_a_tcache)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t before = sample_add_chunk(sample, 0x2000), block = sample_add_tcache(sample),
	       other = sample_add_chunk(sample, 64);

	for (uint32_t i = 0; i < 64; i++)
		sample_set_tcache(sample, block, i, other, 1);
	sample_add_top(sample);
	expect(sample, "used 8184, used 648, used 56, top free 56608", 0);
	cr_assert_lt(before, block);
	sample_end(sample);
}

Test(glibc, says_that_a_tcache_was_smashed)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t tcache = sample_add_tcache(sample);

	sample_add_chunk(sample, 64);
	memset(sample->heap + (tcache - HEAP), 0x41, TCACHE - 16);
	sample_add_top(sample);
	expect(sample, "used 648, used 56, top free 64800", 1);
	cr_assert_eq(anomalies_get(sample->anomalies, anomalies_count(sample->anomalies) - 1)
			     ->address,
		     tcache);
	sample_end(sample);
}

/* A freed chunk and its neighbours; the free one's links are in the unsorted bin. */
static addr_t add_freed_chunk(struct heap_sample *sample, addr_t *before)
{
	addr_t unsorted = DATA + with_fastbins.bins - 16, freed;

	*before = sample_add_chunk(sample, 64);
	freed = sample_add_chunk(sample, 1024);
	sample_add_chunk(sample, 64);
	sample_free_chunk(sample, freed);
	sample_put_heap(sample, freed, unsorted);
	sample_put_heap(sample, freed + 8, unsorted);
	sample_put(sample->data, with_fastbins.bins, freed - 16);
	sample_put(sample->data, with_fastbins.bins + 8, freed - 16);
	return freed;
}

Test(glibc, finds_nothing_wrong_with_a_bin_in_order)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t before;

	add_freed_chunk(sample, &before);
	sample_add_top(sample);
	expect(sample, "used 56, free 1016, used 56, top free 64368", 0);
	sample_end(sample);
}

static void check_damaged_bin(uint64_t next)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t before, freed = add_freed_chunk(sample, &before);

	sample_put_heap(sample, freed, next ? next : freed - 16);
	sample_add_top(sample);
	expect(sample, "used 56, free 1016, used 56, top free 64368", 2);
	cr_assert_eq(anomaly_at(sample, "a bin's list of free chunks is damaged"), freed);
	cr_assert_eq(anomaly_at(sample, WRITER), before);
	sample_end(sample);
}

Test(glibc, names_the_free_chunk_whose_link_leads_nowhere)
{
	check_damaged_bin(0x4141414141414141);
}

Test(glibc, ends_with_a_bin_that_goes_round)
{
	check_damaged_bin(0);
}

Test(glibc, ends_with_a_fastbin_that_goes_round)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t before = sample_add_chunk(sample, 64), first = sample_add_chunk(sample, 48);

	sample_put_heap(sample, first, (first - 16) ^ first >> 12);
	sample_put(sample->data, with_fastbins.fastbins + 8, first - 16);
	sample_add_top(sample);
	expect(sample, "used 56, cached 40, top free 65408", 2);
	cr_assert_eq(anomaly_at(sample, "a fastbin is damaged"), first);
	cr_assert_eq(anomaly_at(sample, WRITER), before);
	sample_end(sample);
}

Test(glibc, tells_fastbins_from_tcaches)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t tcache = sample_add_tcache(sample), first = sample_add_chunk(sample, 48),
	       second = sample_add_chunk(sample, 48);

	sample_put_heap(sample, first, first >> 12);
	sample_put_heap(sample, second, second >> 12);
	sample_put(sample->data, with_fastbins.fastbins + 8, first - 16);
	sample_set_tcache(sample, tcache, 1, second, 1);
	sample_add_top(sample);
	expect(sample, "used 648, cached 40, cached 40, top free 64768", 0);
	cr_assert_eq(sample->blocks.items[1].place, BLOCK_FASTBIN);
	cr_assert_eq(sample->blocks.items[2].place, BLOCK_ORDINARY);
	sample_end(sample);
}

Test(glibc, goes_on_behind_a_damaged_chunk)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t writer, damaged;

	for (int i = 0; i < 3; i++)
		writer = sample_add_chunk(sample, 32);
	damaged = sample_add_chunk(sample, 64);
	for (int i = 0; i < 12; i++)
		sample_add_chunk(sample, 32);
	sample_put_heap(sample, damaged - 8, 0x4141414141414141);
	sample_add_top(sample);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample->blocks.count, 3u + 12 + 1, "%s", sample_states(sample));
	cr_assert_eq(sample_anomalies(sample), 2u);
	cr_assert_eq(anomalies_get(sample->anomalies, anomalies_count(sample->anomalies) - 2)
			     ->address,
		     damaged - 16);
	cr_assert_eq(anomalies_get(sample->anomalies, anomalies_count(sample->anomalies) - 1)
			     ->address,
		     writer);
	sample_end(sample);
}

Test(glibc, does_not_lose_chunks_to_one_that_grew_over_them)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t grown;

	sample_add_chunk(sample, 32);
	grown = sample_add_chunk(sample, 48);
	for (int i = 0; i < 20; i++)
		sample_add_chunk(sample, 48);
	sample_put_heap(sample, grown - 8, 48 * 10 + 32 + 1);
	sample_add_top(sample);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample->blocks.count, 1u + 1 + 20 + 1, "%s", sample_states(sample));
	cr_assert_eq(sample->blocks.items[1].size, 40u);
	cr_assert_eq(sample_anomalies(sample), 1u);
	sample_end(sample);
}

/* The large one was made of small ones, whose headers are still there. */
Test(glibc, does_not_revive_what_a_chunk_was_before)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t large = sample_add_chunk(sample, 32), damaged;

	for (int i = 0; i < 12; i++)
		sample_add_chunk(sample, 32);
	sample_put_heap(sample, large - 8, 32 * 13 + 1);
	damaged = sample_add_chunk(sample, 64);
	for (int i = 0; i < 12; i++)
		sample_add_chunk(sample, 32);
	sample_put_heap(sample, damaged - 8, 0x4141414141414141);
	sample_add_top(sample);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample->blocks.count, 1u + 12 + 1, "%s", sample_states(sample));
	sample_end(sample);
}

Test(glibc, finds_the_top_when_nothing_before_it_is_sound)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_chunk(sample, 4096);
	memset(sample->heap, 0xff, 4096);
	sample_add_top(sample);
	expect(sample, "top free 61392", 0);
	sample_end(sample);
}

Test(glibc, survives_a_top_that_points_nowhere)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	for (int i = 0; i < 20; i++)
		sample_add_chunk(sample, 32);
	sample_put(sample->data, with_fastbins.bins - 16, 0x1234567890);
	sample_add_parameters(sample, 0, 0);
	cr_assert(sample_walk(sample));
	cr_assert_geq(sample->blocks.count, 12u);
	cr_assert_gt(sample_anomalies(sample), 0u);
	sample_end(sample);
}

Test(glibc, takes_all_up_to_the_limit_for_a_top_of_a_damaged_size)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t before = sample_add_chunk(sample, 64), top = sample_add_top(sample);

	sample_put_heap(sample, top + 8, 0x4141414141414141);
	expect(sample, "used 56, top free 65456", 2);
	cr_assert_eq(anomaly_at(sample, "the top chunk's size is damaged"), top);
	cr_assert_eq(anomaly_at(sample, WRITER), before);
	sample_end(sample);
}

Test(glibc, does_not_lose_chunks_to_a_top_in_their_middle)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);
	addr_t first = sample_add_chunk(sample, 48);

	for (int i = 0; i < 20; i++)
		sample_add_chunk(sample, 48);
	sample_add_top(sample);
	sample_put(sample->data, with_fastbins.bins - 16, first - 16 + 10 * 48);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample->blocks.count, 1u + 20 + 1, "%s", sample_states(sample));
	cr_assert_eq(sample->blocks.items[21].place, BLOCK_TOP);
	cr_assert(anomaly_at(sample, "an arena's top chunk is none"));
	sample_end(sample);
}

/* What malloc leaves where someone else moved the break: two fences, then their memory. */
Test(glibc, goes_on_behind_memory_that_is_not_its_own)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 64);
	sample_add_chunk(sample, 16);
	sample_add_chunk(sample, 16);
	memset(sample->heap + sample->next, 0x77, 0x1000);
	sample->next += 0x1000;
	for (int i = 0; i < 9; i++)
		sample_add_chunk(sample, 32);
	sample_add_top(sample);
	sample_add_parameters(sample, 0, 0);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample->arenas.count, 2u);
	cr_assert_eq(sample->arenas.items[0].size, 96u);
	cr_assert_eq(sample->arenas.items[1].address, HEAP + 96 + 0x1000);
	cr_assert_eq(sample->blocks.count, 1u + 9 + 1);
	cr_assert_eq(sample_anomalies(sample), 0u);
	sample_end(sample);
}

static void check_mapped(uint64_t size_field, const char *expected)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_top(sample);
	sample_add_parameters(sample, 1, 0x3000);
	sample->has_mapped = true;
	sample_put(sample->mapped, 0x1008, size_field | 2);
	expect(sample, expected, 0);
	cr_assert_eq(sample->blocks.items[2].address, MAPPED + 0x1010);
	sample_end(sample);
}

Test(glibc, finds_chunks_with_mappings_of_their_own)
{
	check_mapped(0x3000, "used 24, top free 65488, mapped used 12272");
}

Test(glibc, knows_what_newer_releases_leave_out_of_a_mapped_chunk)
{
	check_mapped(0x2ff0, "used 24, top free 65488, mapped used 12264");
}

Test(glibc, finds_an_aligned_block_within_its_mapping)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_top(sample);
	sample->has_mapped = true;
	sample_put(sample->mapped, 8, 0x4000 | 2);
	sample_put(sample->mapped, 0x0ff0, 0x0ff0);
	sample_put(sample->mapped, 0x0ff8, 0x3010 | 2);
	expect(sample, "used 24, top free 65488, mapped used 12288", 0);
	cr_assert_eq(sample->blocks.items[2].address, MAPPED + 0x1000);
	sample_end(sample);
}

Test(glibc, takes_a_page_that_begins_like_a_small_mapped_chunk_for_none)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_top(sample);
	sample_add_parameters(sample, 1, 0x2000);
	sample->has_mapped = true;
	sample_put(sample->mapped, 0x1008, 0x2000 | 2);
	sample_put(sample->mapped, 0x3008, 0x1000 | 2);
	expect(sample, "used 24, top free 65488, mapped used 8176", 0);
	sample_end(sample);
}

/* An int is a 1 and its digit: at the start of a page it is like a chunk of newer releases. */
Test(glibc, takes_an_int_at_the_start_of_a_page_for_no_mapped_chunk)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_top(sample);
	sample_add_parameters(sample, 1, 0x1000);
	sample->has_mapped = true;
	sample_put(sample->mapped, 0x1000, 1);
	sample_put(sample->mapped, 0x1008, 0x2ff0 | 2);
	sample_put(sample->mapped, 0x2008, 0x1000 | 2);
	expect(sample, "used 24, top free 65488, mapped used 4080", 0);
	sample_end(sample);
}

Test(glibc, says_when_mapped_chunks_are_not_as_many_as_malloc_counts)
{
	struct heap_sample *sample = sample_begin(&with_fastbins);

	sample_add_chunk(sample, 32);
	sample_add_top(sample);
	sample_add_parameters(sample, 2, 0x5000);
	cr_assert(sample_walk(sample));
	cr_assert_eq(sample_anomalies(sample), 1u);
	sample_end(sample);
}
