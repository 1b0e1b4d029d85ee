/*
 * Heaps put together by hand: a C library's data with main_arena, one page-aligned heap of
 * chunks, and one thread whose dtv leads to a tcache.
 */
#include "heap/glibc.h"

#include "base/vector.h"
#include "core/bytes.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>

#define DATA      0x7f0000001000u /* the C library's */
#define HEAP      0x555500000000u
#define TLS       0x7f0000010000u
#define THREAD    0x7f0000020000u /* the thread's control block, and its dtv */
#define MAPPED    0x7f0000100000u
#define HEAP_SIZE 0x10000u
#define TCACHE    0x290u

/* Where the fields of malloc_state are in a release. */
struct release {
	uint32_t bins, fastbins;
};

static const struct release with_fastbins = {112, 16}, without_fastbins = {24, 0};

struct sample {
	const struct release *release;
	uint8_t data[0x2000], heap[HEAP_SIZE], tls[0x1000], thread[0x1000], mapped[0x4000];
	uint64_t next; /* offset of the next chunk */
	addr_t first_break;
	bool has_mapped;
	struct core_builder *core;
	struct target *target;
	struct anomalies *anomalies;
	VECTOR_OF(struct block_report) blocks;
	VECTOR_OF(struct arena_report) arenas;
};

static void put(uint8_t *bytes, uint64_t offset, uint64_t value)
{
	memcpy(bytes + offset, &value, sizeof(value));
}

static void put_heap(struct sample *sample, addr_t address, uint64_t value)
{
	put(sample->heap, address - HEAP, value);
}

static struct sample *begin(const struct release *release)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	addr_t bins = DATA + release->bins;

	cr_assert(sample);
	sample->release = release;
	sample->first_break = HEAP;
	for (uint64_t i = 0; i < 254; i++)
		put(sample->data, release->bins + i * 8, bins + i / 2 * 16 - 16);
	put(sample->data, release->bins + 2048, DATA);
	put(sample->data, release->bins + 2072, HEAP_SIZE);
	return sample;
}

/* The next chunk, in use; returns the user's address. */
static addr_t add_chunk(struct sample *sample, uint64_t size)
{
	addr_t user = HEAP + sample->next + 16;

	put_heap(sample, user - 8, size | 1);
	sample->next += size;
	return user;
}

/* To be called after the chunk that follows was added. */
static void free_chunk(struct sample *sample, addr_t user)
{
	uint64_t size = load_u64(sample->heap + (user - 8 - HEAP)) & ~7ul;
	addr_t next = user - 16 + size;

	put_heap(sample, next, size);
	put_heap(sample, next + 8, load_u64(sample->heap + (next + 8 - HEAP)) & ~1ul);
}

/* All that is left. */
static addr_t add_top(struct sample *sample)
{
	addr_t top = add_chunk(sample, HEAP_SIZE - sample->next) - 16;

	put(sample->data, sample->release->bins - 16, top);
	return top;
}

static void add_parameters(struct sample *sample, uint32_t mapped, uint64_t bytes)
{
	uint32_t ints[] = {mapped, 65536, mapped, 0};

	memcpy(sample->data + 0x100c, ints, sizeof(ints)); /* 4 bytes of padding follow */
	put(sample->data, 0x1020, bytes);
	put(sample->data, 0x1028, bytes);
	put(sample->data, 0x1030, sample->first_break);
}

static void take_block(void *context, const struct block_report *block)
{
	cr_assert(vector_push(&((struct sample *)context)->blocks, *block));
}

static void take_arena(void *context, const struct arena_report *arena)
{
	cr_assert(vector_push(&((struct sample *)context)->arenas, *arena));
}

static void load_thread(struct sample *sample)
{
	uint8_t status[336] = {0};

	put(status, 112 + REGISTER_FS_BASE * 8, THREAD);
	put(sample->thread, 8, THREAD + 0x100);
	put(sample->thread, 0x110, TLS);
	core_note(sample->core, NT_PRSTATUS, status, sizeof(status));
	core_load(sample->core, (struct core_load){.address = THREAD,
						   .bytes = sample->thread,
						   .size = sizeof(sample->thread)});
	core_load(sample->core, (struct core_load){.address = TLS,
						   .bytes = sample->tls,
						   .size = sizeof(sample->tls)});
}

static bool walk(struct sample *sample)
{
	struct heap_visitor visitor = {
		.context = sample, .arena = take_arena, .block = take_block};
	struct target_options options = {0};
	struct error err = {0};
	struct allocator *allocator;

	sample->core = core_create();
	load_thread(sample);
	core_load(sample->core, (struct core_load){.address = HEAP,
						   .bytes = sample->heap,
						   .size = sizeof(sample->heap)});
	core_load(sample->core, (struct core_load){.address = DATA,
						   .bytes = sample->data,
						   .size = sizeof(sample->data)});
	if (sample->has_mapped)
		core_load(sample->core, (struct core_load){.address = MAPPED,
							   .bytes = sample->mapped,
							   .size = sizeof(sample->mapped)});
	core_file(sample->core, (struct core_file){DATA, DATA + sizeof(sample->data), 0x1000,
						   "/nowhere/libc.so.6"});
	{
		struct image *image = core_open(sample->core, &sample->anomalies);

		options.anomalies = sample->anomalies;
		sample->target = target_attach(image, &options, &err);
	}
	cr_assert(sample->target, "%s", err.message);
	allocator = glibc_allocator.attach(sample->target, &err);
	cr_assert_eq(err.kind, ERROR_NONE, "%s", err.message);
	if (!allocator)
		return false;
	glibc_allocator.each(allocator, &visitor);
	glibc_allocator.detach(allocator);
	return true;
}

static void end(struct sample *sample)
{
	target_detach(sample->target);
	vector_release(&sample->blocks);
	vector_release(&sample->arenas);
	core_free(sample->core);
	free(sample);
}

/* As text, for a message that says all: "used 24, free 40". */
static const char *states(const struct sample *sample)
{
	static char text[512];
	static const char *const names[] = {"used", "free", "cached"};
	size_t at = 0;

	text[0] = '\0';
	vector_each (&sample->blocks, block)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s%s %llu",
				       at ? ", " : "",
				       block->place == BLOCK_TOP      ? "top "
				       : block->place == BLOCK_MAPPED ? "mapped "
								      : "",
				       names[block->state], (unsigned long long)block->size);
	return text;
}

static size_t glibc_anomalies(const struct sample *sample)
{
	size_t count = 0;

	for (size_t i = 0; i < anomalies_count(sample->anomalies); i++)
		count += !strcmp(anomalies_get(sample->anomalies, i)->stage, "glibc");
	return count;
}

/* The tcache of the thread, in a chunk of its own. */
static addr_t add_tcache(struct sample *sample)
{
	addr_t tcache = add_chunk(sample, TCACHE);

	put(sample->tls, 0x48, tcache);
	return tcache;
}

static void set_tcache(struct sample *sample, addr_t tcache, uint32_t list, addr_t first,
		       uint16_t count)
{
	memcpy(sample->heap + (tcache - HEAP) + list * 2, &count, sizeof(count));
	put_heap(sample, tcache + 128 + list * 8, first);
}

Test(glibc, is_not_there_without_an_arena)
{
	struct sample *sample = begin(&with_fastbins);

	memset(sample->data, 0, sizeof(sample->data));
	cr_assert_not(walk(sample));
	end(sample);
}

Test(glibc, tells_a_free_chunk_by_what_the_next_one_says)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t freed;

	add_chunk(sample, 32);
	freed = add_chunk(sample, 64);
	add_chunk(sample, 48);
	free_chunk(sample, freed);
	add_top(sample);
	add_parameters(sample, 0, 0);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "used 24, free 56, used 40, top free 65376");
	cr_assert_eq(sample->blocks.items[1].address, freed);
	cr_assert_eq(glibc_anomalies(sample), 0u);
	end(sample);
}

Test(glibc, sums_chunks_up_to_their_arena)
{
	struct sample *sample = begin(&with_fastbins);

	add_chunk(sample, 32);
	add_chunk(sample, 64);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_eq(sample->arenas.count, 1u);
	cr_assert_eq(sample->arenas.items[0].address, HEAP);
	cr_assert_eq(sample->arenas.items[0].size, HEAP_SIZE);
	cr_assert_eq(sample->arenas.items[0].used, 80u);
	cr_assert_eq(sample->arenas.items[0].free, HEAP_SIZE - 96 - 16);
	end(sample);
}

Test(glibc, knows_the_release_that_has_no_fastbins)
{
	struct sample *sample = begin(&without_fastbins);

	add_chunk(sample, 32);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "used 24, top free 65488");
	end(sample);
}

static void check_tcache(bool safe_linking)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t tcache = add_tcache(sample), first, second;

	first = add_chunk(sample, 32);
	add_chunk(sample, 32);
	second = add_chunk(sample, 32);
	put_heap(sample, first, safe_linking ? second ^ first >> 12 : second);
	put_heap(sample, second, safe_linking ? second >> 12 : 0);
	set_tcache(sample, tcache, 0, first, 2);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample),
			 "used 648, cached 24, used 24, cached 24, top free 64768");
	cr_assert_eq(glibc_anomalies(sample), 0u);
	end(sample);
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
	struct sample *sample = begin(&with_fastbins);
	addr_t first = add_chunk(sample, 48), second;

	add_chunk(sample, 48);
	second = add_chunk(sample, 48);
	put_heap(sample, first, (second - 16) ^ first >> 12);
	put_heap(sample, second, second >> 12);
	put(sample->data, with_fastbins.fastbins + 8, first - 16);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "cached 40, used 40, cached 40, top free 65376");
	cr_assert_eq(glibc_anomalies(sample), 0u);
	end(sample);
}

Test(glibc, ends_with_a_tcache_list_that_has_no_end)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t tcache = add_tcache(sample), first = add_chunk(sample, 32),
	       second = add_chunk(sample, 32);

	put_heap(sample, first, second ^ first >> 12);
	put_heap(sample, second, first ^ second >> 12);
	set_tcache(sample, tcache, 0, first, 2);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "used 648, cached 24, cached 24, top free 64800");
	cr_assert_eq(glibc_anomalies(sample), 1u);
	end(sample);
}

Test(glibc, does_not_take_any_block_of_that_size_for_a_tcache)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t block = add_tcache(sample), other = add_chunk(sample, 64);

	for (uint32_t i = 0; i < 64; i++)
		set_tcache(sample, block, i, other, 1);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "used 648, used 56, top free 64800");
	end(sample);
}

Test(glibc, goes_on_behind_a_damaged_chunk)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t writer, damaged;

	for (int i = 0; i < 3; i++)
		writer = add_chunk(sample, 32);
	damaged = add_chunk(sample, 64);
	for (int i = 0; i < 12; i++)
		add_chunk(sample, 32);
	put_heap(sample, damaged - 8, 0x4141414141414141);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_eq(sample->blocks.count, 3u + 12 + 1, "%s", states(sample));
	cr_assert_eq(glibc_anomalies(sample), 2u);
	cr_assert_eq(anomalies_get(sample->anomalies, anomalies_count(sample->anomalies) - 2)
			     ->address,
		     damaged - 16);
	cr_assert_eq(anomalies_get(sample->anomalies, anomalies_count(sample->anomalies) - 1)
			     ->address,
		     writer);
	end(sample);
}

Test(glibc, does_not_lose_chunks_to_one_that_grew_over_them)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t grown;

	add_chunk(sample, 32);
	grown = add_chunk(sample, 48);
	for (int i = 0; i < 20; i++)
		add_chunk(sample, 48);
	put_heap(sample, grown - 8, 48 * 10 + 32 + 1);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_eq(sample->blocks.count, 1u + 1 + 20 + 1, "%s", states(sample));
	cr_assert_eq(sample->blocks.items[1].size, 40u);
	cr_assert_eq(glibc_anomalies(sample), 1u);
	end(sample);
}

/* The large one was made of small ones, whose headers are still there. */
Test(glibc, does_not_revive_what_a_chunk_was_before)
{
	struct sample *sample = begin(&with_fastbins);
	addr_t large = add_chunk(sample, 32), damaged;

	for (int i = 0; i < 12; i++)
		add_chunk(sample, 32);
	put_heap(sample, large - 8, 32 * 13 + 1);
	damaged = add_chunk(sample, 64);
	for (int i = 0; i < 12; i++)
		add_chunk(sample, 32);
	put_heap(sample, damaged - 8, 0x4141414141414141);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_eq(sample->blocks.count, 1u + 12 + 1, "%s", states(sample));
	end(sample);
}

Test(glibc, finds_the_top_when_nothing_before_it_is_sound)
{
	struct sample *sample = begin(&with_fastbins);

	add_chunk(sample, 32);
	add_chunk(sample, 4096);
	memset(sample->heap, 0xff, 4096);
	add_top(sample);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "top free 61392");
	end(sample);
}

Test(glibc, survives_a_top_that_points_nowhere)
{
	struct sample *sample = begin(&with_fastbins);

	for (int i = 0; i < 20; i++)
		add_chunk(sample, 32);
	put(sample->data, with_fastbins.bins - 16, 0x1234567890);
	add_parameters(sample, 0, 0);
	cr_assert(walk(sample));
	cr_assert_geq(sample->blocks.count, 12u);
	cr_assert_gt(glibc_anomalies(sample), 0u);
	end(sample);
}

/* What malloc leaves where someone else moved the break: two fences, then their memory. */
Test(glibc, goes_on_behind_memory_that_is_not_its_own)
{
	struct sample *sample = begin(&with_fastbins);

	add_chunk(sample, 64);
	add_chunk(sample, 16);
	add_chunk(sample, 16);
	memset(sample->heap + sample->next, 0x77, 0x1000);
	sample->next += 0x1000;
	for (int i = 0; i < 9; i++)
		add_chunk(sample, 32);
	add_top(sample);
	add_parameters(sample, 0, 0);
	cr_assert(walk(sample));
	cr_assert_eq(sample->arenas.count, 2u);
	cr_assert_eq(sample->arenas.items[0].size, 96u);
	cr_assert_eq(sample->arenas.items[1].address, HEAP + 96 + 0x1000);
	cr_assert_eq(sample->blocks.count, 1u + 9 + 1);
	cr_assert_eq(glibc_anomalies(sample), 0u);
	end(sample);
}

static void check_mapped(uint64_t size_field, const char *expected)
{
	struct sample *sample = begin(&with_fastbins);

	add_chunk(sample, 32);
	add_top(sample);
	add_parameters(sample, 1, 0x3000);
	sample->has_mapped = true;
	put(sample->mapped, 0x1008, size_field | 2);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), expected);
	cr_assert_eq(sample->blocks.items[2].address, MAPPED + 0x1010);
	cr_assert_eq(glibc_anomalies(sample), 0u);
	end(sample);
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
	struct sample *sample = begin(&with_fastbins);

	add_chunk(sample, 32);
	add_top(sample);
	sample->has_mapped = true;
	put(sample->mapped, 8, 0x4000 | 2);
	put(sample->mapped, 0x0ff0, 0x0ff0);
	put(sample->mapped, 0x0ff8, 0x3010 | 2);
	cr_assert(walk(sample));
	cr_assert_str_eq(states(sample), "used 24, top free 65488, mapped used 12288");
	cr_assert_eq(sample->blocks.items[2].address, MAPPED + 0x1000);
	end(sample);
}

Test(glibc, says_when_mapped_chunks_are_not_as_many_as_malloc_counts)
{
	struct sample *sample = begin(&with_fastbins);

	add_chunk(sample, 32);
	add_top(sample);
	add_parameters(sample, 2, 0x5000);
	cr_assert(walk(sample));
	cr_assert_eq(glibc_anomalies(sample), 1u);
	end(sample);
}
