#include "heap/glibc_arenas.h"

#include "core/bytes.h"
#include "heap/glibc_mapped.h"
#include "heap/glibc_walk.h"

#include <stdlib.h>

#define MOST_ARENAS ((size_t)1 << 16)
#define MOST_HEAPS  ((size_t)1 << 16) /* of one arena */

/* Largest heap, by the system's page size for malloc: plain, 2 MiB and 1 GiB pages. */
static const uint64_t heap_sizes[] = {(uint64_t)64 << 20, (uint64_t)8 << 20, (uint64_t)4 << 30};
/* Bytes of heap_info, newest first. */
static const uint32_t heap_info_sizes[] = {48, 32};

struct heap {
	addr_t arena, previous;
	uint64_t size;
};

static bool arena_word(const struct glibc *glibc, addr_t arena, int offset, uint64_t *ret)
{
	return image_read_u64(glibc->image, arena + glibc->format->bins + (addr_t)offset, ret);
}

bool glibc_ring_closes(const struct glibc *glibc, addr_t main_arena)
{
	addr_t arena = main_arena;

	for (size_t i = 0; i < MOST_ARENAS; i++) {
		if (!arena_word(glibc, arena, ARENA_NEXT, &arena) || arena % 8)
			return false;
		if (arena == main_arena)
			return true;
	}
	return false;
}

static bool is_known(const struct glibc *glibc, addr_t arena)
{
	vector_each (&glibc->arenas, known)
		if (*known == arena)
			return true;
	return false;
}

void glibc_find_arenas(struct glibc *glibc)
{
	addr_t main_arena = glibc->arenas.items[0], arena = main_arena;

	while (glibc->arenas.count < MOST_ARENAS &&
	       arena_word(glibc, arena, ARENA_NEXT, &arena) && !is_known(glibc, arena))
		if (!vector_push(&glibc->arenas, arena))
			return;
	if (arena != main_arena)
		anomaly_record(
			glibc->anomalies, GLIBC_STAGE, arena,
			"the ring of arenas is damaged: those of threads may be missing");
}

static bool read_heap(const struct glibc *glibc, addr_t address, struct heap *ret)
{
	return image_read_u64(glibc->image, address, &ret->arena) &&
	       image_read_u64(glibc->image, address + 8, &ret->previous) &&
	       image_read_u64(glibc->image, address + 16, &ret->size) &&
	       ret->size <= heap_sizes[ARRAY_COUNT(heap_sizes) - 1] && !(ret->size % 16);
}

/* The heap whose chunk is at `top`, for the heap size that fits; 0 if none does. */
static addr_t heap_of(const struct glibc *glibc, addr_t arena, addr_t top)
{
	for (size_t i = 0; i < ARRAY_COUNT(heap_sizes); i++) {
		addr_t address = top & ~(addr_t)(heap_sizes[i] - 1);
		struct heap heap;

		if (read_heap(glibc, address, &heap) && heap.arena == arena &&
		    top - address < heap.size)
			return address;
	}
	return 0;
}

/*
 * Bytes of heap_info: the arena of a first heap stands right behind it, and a heap begins a
 * page, whatever is left of the heap_info.  0: neither fits.
 */
static uint32_t heap_info_size(addr_t arena)
{
	for (size_t i = 0; i < ARRAY_COUNT(heap_info_sizes); i++)
		if ((arena - heap_info_sizes[i]) % PAGE_SIZE_BYTES == 0)
			return heap_info_sizes[i];
	return 0;
}

static bool is_in_region(const struct glibc *glibc, addr_t address)
{
	vector_each (&glibc->regions, region)
		if (address >= region->address && address < region->limit)
			return true;
	return false;
}

static void add_heap(struct glibc *glibc, struct glibc_region region, uint32_t info_size,
		     uint64_t size)
{
	region.limit = region.address + size;
	region.start = region.address + info_size;
	if (region.start == region.arena)
		region.start += glibc->format->bins + ARENA_END;
	region.start = chunk_align(region.start);
	if (region.start < region.limit)
		vector_push(&glibc->regions, region);
}

/* A heap's size is whole pages of memory that is there, and has its arena's top. */
static bool is_size_sound(const struct glibc *glibc, const struct glibc_region *region,
			  uint64_t size)
{
	const struct image_mapping *mapping = image_mapping_at(glibc->image, region->address);
	addr_t end = region->address + size;

	return mapping && size && size % PAGE_SIZE_BYTES == 0 && end <= mapping->range.end &&
	       !(region->top >= end && region->top < mapping->range.end);
}

/* False if the chain is damaged somewhere. */
static bool add_heap_chain(struct glibc *glibc, struct glibc_region region, uint32_t info_size)
{
	struct heap heap;

	region.address = heap_of(glibc, region.arena, region.top);
	for (size_t i = 0; region.address && i < MOST_HEAPS; i++) {
		if (!read_heap(glibc, region.address, &heap) || heap.arena != region.arena ||
		    !is_size_sound(glibc, &region, heap.size) ||
		    is_in_region(glibc, region.address))
			return false;
		add_heap(glibc, region, info_size, heap.size);
		if (region.address + info_size == region.arena)
			return !heap.previous;
		region.address = heap.previous;
	}
	return false;
}

/* Mappings that begin where a heap may, and have the arena, its top, or its address first. */
static void add_lost_heaps(struct glibc *glibc, struct glibc_region region, uint32_t info_size)
{
	for (size_t i = 0; i < image_mapping_count(glibc->image); i++) {
		const struct image_mapping *mapping = image_mapping(glibc->image, i);
		addr_t first;

		region.address = mapping->range.start;
		if (region.address % heap_sizes[0] || !is_anonymous(mapping) ||
		    is_in_region(glibc, region.address) ||
		    !image_read_u64(glibc->image, region.address, &first))
			continue;
		if (first != region.arena && region.address != region.arena - info_size &&
		    !range_has(mapping->range, region.top))
			continue;
		anomaly_record(glibc->anomalies, GLIBC_STAGE, region.address,
			       "a heap's header is damaged: its end is the mapping's");
		add_heap(glibc, region, info_size, mapping->range.end - mapping->range.start);
	}
}

static void add_thread_arena(struct glibc *glibc, addr_t arena)
{
	struct glibc_region region = {.arena = arena};
	uint32_t info_size = heap_info_size(arena);
	size_t before = glibc->regions.count;

	if (!info_size || !arena_word(glibc, arena, ARENA_TOP, &region.top)) {
		anomaly_record(glibc->anomalies, GLIBC_STAGE, arena,
			       "a thread's arena has no heap that fits it");
		return;
	}
	if (add_heap_chain(glibc, region, info_size))
		return;
	add_lost_heaps(glibc, region, info_size);
	if (before == glibc->regions.count)
		anomaly_record(glibc->anomalies, GLIBC_STAGE, arena,
			       "a thread's arena has no heap that fits it");
}

/* The end of the memory that the process has without a gap from `address` on. */
static addr_t memory_end(const struct glibc *glibc, addr_t address)
{
	const struct image_mapping *mapping = image_mapping_at(glibc->image, address), *next;

	while (mapping) {
		next = image_mapping_at(glibc->image, mapping->range.end);
		if (!next || !is_anonymous(next))
			return mapping->range.end;
		mapping = next;
	}
	return address;
}

static void add_main_region(struct glibc *glibc, struct glibc_region region)
{
	region.address = region.start;
	region.limit = memory_end(glibc, region.start);
	if (region.start < region.limit)
		vector_push(&glibc->regions, region);
}

/* The first chunk of the mapping that has `address`. */
static void add_mapping_of(struct glibc *glibc, struct glibc_region region, addr_t address)
{
	const struct image_mapping *mapping = image_mapping_at(glibc->image, address);

	if (!mapping)
		return;
	region.start = mapping->range.start;
	region.limit = mapping->range.end;
	if (glibc_has_chunk(glibc, &region, region.start) ||
	    glibc_next_run(glibc, &region, &region.start))
		add_main_region(glibc, region);
}

/* The first page of the mapping where chunks begin that go up to a fence or to the top. */
static bool find_substitute(const struct glibc *glibc, struct glibc_region *region)
{
	while (region->start < region->limit) {
		uint64_t mapped = glibc_mapped_size(glibc, region->start);

		if (!mapped && glibc_is_run(glibc, region))
			return true;
		region->start += mapped ? mapped : PAGE_SIZE_BYTES;
	}
	return false;
}

/*
 * Where brk failed, malloc mapped memory instead, which nothing points to: it may be in any
 * mapping, beside chunks that have theirs alone.
 */
static void add_substitutes(struct glibc *glibc, struct glibc_region region)
{
	for (size_t i = 0; i < image_mapping_count(glibc->image); i++) {
		const struct image_mapping *mapping = image_mapping(glibc->image, i);

		region.start = mapping->range.start;
		region.limit = mapping->range.end;
		if (is_anonymous(mapping) && mapping->dumped &&
		    !is_in_region(glibc, region.start) &&
		    !image_file_at(glibc->image, region.start) &&
		    find_substitute(glibc, &region))
			add_main_region(glibc, region);
	}
}

static bool is_scattered(const struct glibc *glibc, addr_t arena)
{
	uint32_t flags;

	return image_read_u32(glibc->image, arena + ARENA_FLAGS, &flags) &&
	       flags & ARENA_SCATTERED;
}

static void add_main_arena(struct glibc *glibc)
{
	struct glibc_region region = {.arena = glibc->arenas.items[0], .is_main = true};
	uint64_t got;
	size_t before = glibc->regions.count;

	if (!arena_word(glibc, region.arena, ARENA_TOP, &region.top) ||
	    !arena_word(glibc, region.arena, ARENA_SYSTEM_MEM, &got) || !got)
		return;
	if (glibc->has_parameters) {
		region.start = chunk_align(glibc->first_break);
		add_main_region(glibc, region);
	}
	if (!is_in_region(glibc, region.top))
		add_mapping_of(glibc, region, region.top);
	if (is_scattered(glibc, region.arena))
		add_substitutes(glibc, region);
	if (before == glibc->regions.count)
		anomaly_record(glibc->anomalies, GLIBC_STAGE, region.top,
			       "the main arena's chunks were not found");
}

static int compare_regions(const void *left, const void *right)
{
	const struct glibc_region *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* No region reaches into the next one, whatever a damaged heap says of its size. */
static void separate(struct glibc *glibc)
{
	for (size_t i = 0; i + 1 < glibc->regions.count; i++) {
		struct glibc_region *region = &glibc->regions.items[i];

		if (region->limit > region[1].address)
			region->limit = region[1].address;
	}
}

void glibc_find_regions(struct glibc *glibc)
{
	for (size_t i = 1; i < glibc->arenas.count; i++)
		add_thread_arena(glibc, glibc->arenas.items[i]);
	add_main_arena(glibc);
	if (glibc->regions.count)
		qsort(glibc->regions.items, glibc->regions.count, sizeof(*glibc->regions.items),
		      compare_regions);
	separate(glibc);
}
