/*
 * The C library's chunks while blocks are freed; mirrors _int_free(), malloc_consolidate(),
 * systrim() and heap_trim() of glibc's malloc/malloc.c and malloc/arena.c.
 *
 * A run is free chunks side by side, which glibc joins into one.  Both ends of a run know each
 * other, so that joining takes no walk.  The blocks of a found heap ascend: the one after a block
 * in the array is beside it, or there is something between.
 */
#include "base/search.h"
#include "core/bytes.h"
#include "heap/give_back_parts.h"

#include <stdlib.h>

#define HEADER            16u /* bytes before a block in its chunk */
#define OVERHEAD          8u  /* bytes of a chunk that its block does not have */
#define SMALLEST_CHUNK    32u
#define CHUNK_ALIGNMENT   16u
#define CONSOLIDATES      ((uint64_t)64 << 10) /* bytes of a run that empties the fastbins */
#define LARGEST_THRESHOLD ((uint64_t)32 << 20) /* that freeing a mapping raises */
#define MOST_CACHE_SIZES  ((uint64_t)1 << 20)

enum freed_state { FREED_NOT, FREED_CACHED, FREED_JOINED };

static uint64_t chunk_of(const struct block_report *block)
{
	return block->size + OVERHEAD;
}

static uint32_t cache_size_of(const struct native_heap *heap, const struct block_report *block)
{
	uint64_t number = chunk_of(block) / CHUNK_ALIGNMENT;

	return block->size <= heap->found->limits.cache_most && number < heap->cache_sizes
		       ? (uint32_t)number
		       : PLACE_NONE;
}

/* With several threads it is not known whose cache takes a block: as if it were empty. */
static void count_cached(struct native_heap *heap)
{
	for (size_t i = 0; i < heap->found->block_count; i++) {
		const struct block_report *block = &heap->found->blocks[i];
		uint32_t size;

		if (block->state != BLOCK_CACHED)
			continue;
		if (block->place == BLOCK_FASTBIN) {
			vector_push(&heap->old_fast, (uint32_t)i);
			continue;
		}
		size = cache_size_of(heap, block);
		if (size != PLACE_NONE && heap->found->thread_count <= 1)
			heap->start_cached[size]++;
	}
}

static uint32_t count_cache_sizes(const struct heap_limits *limits)
{
	uint64_t sizes = (limits->cache_most + OVERHEAD) / CHUNK_ALIGNMENT + 2;

	return (uint32_t)(sizes < MOST_CACHE_SIZES ? sizes : MOST_CACHE_SIZES);
}

bool native_heap_init(struct native_heap *heap, const struct found_heap *found)
{
	*heap = (struct native_heap){.found = found,
				     .cache_sizes = count_cache_sizes(&found->limits)};
	heap->freed = calloc(found->block_count + 1, sizeof(*heap->freed));
	heap->other_end = malloc((found->block_count + 1) * sizeof(*heap->other_end));
	heap->start_cached = calloc(heap->cache_sizes, sizeof(uint32_t));
	heap->cached = calloc(heap->cache_sizes, sizeof(uint32_t));
	heap->cut = calloc(found->native_arena_count + 1, sizeof(*heap->cut));
	heap->old_fast_is_empty = calloc(found->native_arena_count + 1, sizeof(bool));
	if (!heap->freed || !heap->other_end || !heap->start_cached || !heap->cached ||
	    !heap->cut || !heap->old_fast_is_empty)
		return false;
	for (size_t i = 0; i < found->block_count; i++)
		heap->other_end[i] = (uint32_t)i;
	count_cached(heap);
	return !heap->old_fast.failed;
}

void native_heap_release(struct native_heap *heap)
{
	free(heap->freed);
	free(heap->other_end);
	free(heap->start_cached);
	free(heap->cached);
	free(heap->cut);
	free(heap->old_fast_is_empty);
	vector_release(&heap->touched);
	vector_release(&heap->fast);
	vector_release(&heap->old_fast);
}

void native_heap_reset(struct native_heap *heap)
{
	vector_each (&heap->touched, block) {
		heap->freed[*block] = FREED_NOT;
		heap->other_end[*block] = *block;
	}
	heap->touched.count = heap->fast.count = 0;
	memcpy(heap->cached, heap->start_cached, heap->cache_sizes * sizeof(uint32_t));
	memset(heap->cut, 0, heap->found->native_arena_count * sizeof(*heap->cut));
	memset(heap->old_fast_is_empty, 0, heap->found->native_arena_count * sizeof(bool));
	heap->trim_threshold = heap->found->limits.trim_threshold;
	heap->mmap_threshold = heap->found->limits.mmap_threshold;
}

uint32_t native_heap_block_at(const struct native_heap *heap, addr_t address)
{
	const struct block_report *block =
		block_among(heap->found->blocks, heap->found->block_count, address);
	uint32_t place = block ? (uint32_t)(block - heap->found->blocks) : PLACE_NONE;

	return block && block->state == BLOCK_USED && heap->freed[place] == FREED_NOT
		       ? place
		       : PLACE_NONE;
}

static uint32_t arena_of(const struct native_heap *heap, uint32_t block)
{
	const struct arena_report *arenas = heap->found->native_arenas;
	addr_t address = heap->found->blocks[block].address;
	size_t below =
		count_leading(heap->found->native_arena_count, i, arenas[i].address <= address);

	return below && address - arenas[below - 1].address < arenas[below - 1].size
		       ? (uint32_t)(below - 1)
		       : PLACE_NONE;
}

static bool is_free(const struct native_heap *heap, uint32_t block)
{
	return heap->found->blocks[block].state == BLOCK_FREE ||
	       heap->freed[block] == FREED_JOINED;
}

/* Is the chunk of the next block right behind this block's? */
static bool is_beside(const struct native_heap *heap, uint32_t block)
{
	const struct block_report *at = &heap->found->blocks[block];

	return block + 1 < heap->found->block_count && at->place != BLOCK_TOP &&
	       at->place != BLOCK_MAPPED && at[1].place != BLOCK_MAPPED &&
	       at->address + chunk_of(at) == at[1].address;
}

static void set_state(struct native_heap *heap, uint32_t block, enum freed_state state)
{
	heap->freed[block] = (uint8_t)state;
	vector_push(&heap->touched, block);
}

static void set_run(struct native_heap *heap, uint32_t first, uint32_t last)
{
	heap->other_end[first] = last;
	heap->other_end[last] = first;
	vector_push(&heap->touched, first);
	vector_push(&heap->touched, last);
}

/* Bytes of the run of free chunks that the block is in from now on; *last is its last block. */
static uint64_t join(struct native_heap *heap, uint32_t block, uint32_t *last)
{
	const struct block_report *blocks = heap->found->blocks;
	uint32_t first = block;

	*last = block;
	set_state(heap, block, FREED_JOINED);
	if (block && is_beside(heap, block - 1) && is_free(heap, block - 1))
		first = heap->other_end[block - 1];
	if (is_beside(heap, block) && is_free(heap, block + 1))
		*last = heap->other_end[block + 1];
	set_run(heap, first, *last);
	return blocks[*last].address + blocks[*last].size -
	       (blocks[*last].place == BLOCK_TOP ? 0 : OVERHEAD) -
	       (blocks[first].address - HEADER);
}

/* Joins those of the arena, and leaves the others. */
static void empty_fastbins(struct native_heap *heap, uint32_t arena)
{
	size_t left = 0;
	uint32_t last;

	vector_each (&heap->fast, block) {
		if (arena_of(heap, *block) == arena)
			join(heap, *block, &last);
		else
			heap->fast.items[left++] = *block;
	}
	heap->fast.count = left;
	if (heap->old_fast_is_empty[arena])
		return;
	heap->old_fast_is_empty[arena] = true;
	vector_each (&heap->old_fast, block)
		if (arena_of(heap, *block) == arena)
			join(heap, *block, &last);
}

/* What of an arena's end, which is that long, the system gets. */
static uint64_t trim(struct native_heap *heap, uint32_t arena, uint64_t bytes)
{
	uint64_t pad = heap->found->limits.top_pad + SMALLEST_CHUNK + 1, extra;

	if (heap->found->native_arenas[arena].end == END_STAYS ||
	    bytes < heap->trim_threshold || bytes <= pad)
		return 0;
	extra = (bytes - pad) & ~(page_ceiling(1) - 1);
	heap->cut[arena] += extra;
	return extra;
}

/* The arena's last block, if that is its free end; or PLACE_NONE. */
static uint32_t top_of(const struct native_heap *heap, uint32_t arena)
{
	const struct arena_report *report = &heap->found->native_arenas[arena];
	const struct block_report *blocks = heap->found->blocks;
	size_t below = count_leading(heap->found->block_count, i,
				     blocks[i].address < report->address + report->size);

	return below && blocks[below - 1].place == BLOCK_TOP &&
			       blocks[below - 1].address >= report->address
		       ? (uint32_t)(below - 1)
		       : PLACE_NONE;
}

static uint64_t end_bytes(const struct native_heap *heap, uint32_t arena, uint32_t top)
{
	const struct block_report *blocks = heap->found->blocks;
	const struct block_report *first = &blocks[heap->other_end[top]];

	return blocks[top].address + blocks[top].size - (first->address - HEADER) -
	       heap->cut[arena];
}

static uint64_t free_to_bins(struct native_heap *heap, uint32_t block)
{
	uint32_t arena = arena_of(heap, block), last, top;
	uint64_t bytes = join(heap, block, &last);

	if (arena == PLACE_NONE)
		return 0;
	if (heap->found->blocks[last].place == BLOCK_TOP)
		bytes -= heap->cut[arena];
	if (bytes < CONSOLIDATES)
		return 0;
	empty_fastbins(heap, arena);
	top = top_of(heap, arena);
	return top == PLACE_NONE ? 0 : trim(heap, arena, end_bytes(heap, arena, top));
}

static uint64_t unmap(struct native_heap *heap, uint32_t block)
{
	uint64_t chunk = page_ceiling(heap->found->blocks[block].size + HEADER);

	set_state(heap, block, FREED_JOINED);
	if (!heap->found->limits.is_fixed && chunk > heap->mmap_threshold &&
	    chunk <= LARGEST_THRESHOLD) {
		heap->mmap_threshold = chunk;
		heap->trim_threshold = 2 * chunk;
	}
	return chunk;
}

uint64_t native_heap_free(struct native_heap *heap, uint32_t block)
{
	const struct block_report *report = &heap->found->blocks[block];
	uint32_t size = cache_size_of(heap, report);

	if (report->place == BLOCK_MAPPED)
		return unmap(heap, block);
	if (size != PLACE_NONE && heap->cached[size] < heap->found->limits.cache_depth) {
		heap->cached[size]++;
		set_state(heap, block, FREED_CACHED);
		return 0;
	}
	if (chunk_of(report) <= heap->found->limits.fast_most) {
		set_state(heap, block, FREED_CACHED);
		vector_push(&heap->fast, block);
		return 0;
	}
	return free_to_bins(heap, block);
}
