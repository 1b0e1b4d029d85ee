#include "pipeline/native_memory.h"

#include "base/search.h"
#include "core/bytes.h"
#include "pipeline/block_cursor.h"

#include <stdlib.h>

#define MAPPED_HEADER 16u                  /* bytes before a block with a mapping of its own */
#define SMALL_GAP     ((uint64_t)64 << 10) /* bytes */
#define WORD          8u
#define ROUNDING      16u /* more bytes than asked for are fewer than that */

/* Claims ascend beside the blocks, too. */
struct cursors {
	struct block_cursor block;
	size_t claim;
};

enum use {
	USE_UNKNOWN,
	USE_ARENAS, /* of small objects */
	USE_HELD,   /* may hold pointers */
	USE_PLAIN,  /* text and numbers, which can look like pointers, or kept for reuse */
};

/* A block, what it is used for, and how many bytes of it may hold pointers. */
struct use_of_block {
	enum use use;
	uint64_t bytes;
};

/*
 * What an allocator gave because it rounds up was never written by this user of the block: it
 * has what an earlier one left.  A larger rest may be a part that nobody told of.
 */
static uint64_t written(const struct block_report *block, uint64_t used)
{
	return used <= block->size && block->size - used < ROUNDING ? used : block->size;
}

/* A damaged block may be shorter than what its owner says. */
static uint64_t spare_of(const struct claim_report *claim)
{
	return claim->spare < claim->size ? claim->spare : claim->size;
}

/* Kept for reuse, if all of the block is; what is unused within it says nothing of the block. */
static struct use_of_block claimed_use(const struct collection *collection, struct cursors *at,
				       const struct block_report *block)
{
	const struct claim_report *claims = collection->claims.items;
	struct use_of_block ret = {USE_UNKNOWN, block->size};

	while (at->claim < collection->claims.count &&
	       claims[at->claim].address < block->address)
		at->claim++;
	for (; at->claim < collection->claims.count &&
	       claims[at->claim].address - block->address < block->size;
	     at->claim++) {
		const struct claim_report *claim = &claims[at->claim];

		if (claim_is_unused_part(claim, block))
			continue;
		if (ret.use != USE_HELD)
			ret.use = claim->cached ? USE_PLAIN : USE_HELD;
		if (claim->address == block->address)
			ret.bytes = written(block, claim->size) - spare_of(claim);
	}
	return ret;
}

static bool is_plain(const struct native_memory *memory, uint32_t object)
{
	return memory->collection->types.items[memory->graph->type[object]].is_plain;
}

/* An object's size has the headers before it, with which its block begins. */
static struct use_of_block use_of(const struct native_memory *memory, struct cursors *at,
				  const struct block_report *block)
{
	if (block_has_arena(&at->block, memory->collection, block))
		return (struct use_of_block){USE_ARENAS, 0};
	if (block_has_object(&at->block, memory->graph, block))
		return (struct use_of_block){
			is_plain(memory, at->block.object) ? USE_PLAIN : USE_HELD,
			written(block, memory->graph->size[at->block.object])};
	return claimed_use(memory->collection, at, block);
}

/*
 * A chunk's last word is its neighbour's header, too, and one past the end of what is a multiple
 * of 16 bytes.  Only of an empty block within debug pads that is where the user's part is.
 */
static uint32_t tail_of(const struct block_report *block)
{
	return block->pads && !block_user_size(block) ? 0 : WORD;
}

/* The second word of a block; 0 if there is none. */
static uint64_t second_word(struct native_memory *memory, const struct block_report *block)
{
	const uint8_t *bytes =
		image_view(memory->image, block->address, 2 * WORD, &memory->hint);

	return bytes ? load_u64(bytes + WORD) : 0;
}

/*
 * What malloc writes into each block that it puts into a thread's cache, and clears when it takes
 * it out: one number for all since 2.34, before that the cache's address.
 */
static uint64_t cache_key(struct native_memory *memory)
{
	uint64_t key = 0, votes = 0;

	vector_each (&memory->collection->native_blocks, block) {
		uint64_t word = block->state == BLOCK_CACHED ? second_word(memory, block) : 0;

		if (!word)
			continue;
		if (!votes)
			key = word;
		votes += word == key ? 1 : UINT64_MAX;
	}
	return key;
}

/* In the cache of a thread that is not there any more, as after a fork(). */
static bool is_left_cached(struct native_memory *memory, const struct block_report *block)
{
	uint64_t word = second_word(memory, block);
	const struct block_report *cache, *other;

	if (!word || !memory->cache_key)
		return false;
	if (word == memory->cache_key)
		return true;
	cache = collection_native_block_at(memory->collection, memory->cache_key);
	other = cache ? collection_native_block_at(memory->collection, word) : NULL;
	return other && other->address == word && other->size == cache->size;
}

static void take_blocks(struct native_memory *memory)
{
	const struct collection *collection = memory->collection;
	struct cursors at = {0};

	vector_each (&collection->native_blocks, block) {
		struct use_of_block use = {USE_PLAIN, 0};

		if (block->state == BLOCK_USED)
			use = use_of(memory, &at, block);
		if (use.use == USE_UNKNOWN && is_left_cached(memory, block))
			use.use = USE_HELD;
		if (use.use == USE_UNKNOWN)
			vector_push(&memory->blocks,
				    ((struct native_block){block->address, block->size,
							   tail_of(block)}));
		else if (use.use == USE_HELD)
			vector_push(&memory->held,
				    ((struct address_range){block->address,
							    block->address + use.bytes}));
	}
}

static void skip(struct native_memory *memory, addr_t start, addr_t end)
{
	if (start < end)
		vector_push(&memory->skipped, ((struct address_range){start, end}));
}

/* Allocators' memory counts block by block, or not at all. */
static void skip_allocators(struct native_memory *memory)
{
	const struct collection *collection = memory->collection;

	vector_each (&collection->arenas, arena)
		skip(memory, arena->report.address, arena->report.address + arena->report.size);
	vector_each (&collection->native_blocks, block)
		if (block->place == BLOCK_MAPPED)
			skip(memory, block->address - MAPPED_HEADER,
			     block->address + block->size);
	vector_each (&collection->allocator_states, range)
		skip(memory, range->start, range->end);
}

static int compare_ranges(const void *left, const void *right)
{
	const struct address_range *a = left, *b = right;

	return addr_compare(&a->start, &b->start);
}

static void join_skipped(struct native_memory *memory)
{
	struct address_range *items = memory->skipped.items;
	size_t count = 0;

	if (memory->skipped.count)
		qsort(items, memory->skipped.count, sizeof(*items), compare_ranges);
	for (size_t i = 0; i < memory->skipped.count; i++) {
		if (!count || items[i].start > items[count - 1].end)
			items[count++] = items[i];
		else if (items[i].end > items[count - 1].end)
			items[count - 1].end = items[i].end;
	}
	memory->skipped.count = count;
}

static void skip_dead_stacks(struct native_memory *memory)
{
	struct address_ranges dead = {0};

	dead_stacks_find(memory->image, &memory->skipped, &dead);
	vector_each (&dead, range)
		skip(memory, range->start, range->end);
	memory->skipped.failed |= dead.failed;
	vector_release(&dead);
	join_skipped(memory);
}

/*
 * A core leaves out what madvise() told the kernel to: memory that may hold pointers.  A small
 * gap does not: what the C library keeps for getrandom() (since Linux 6.11), or a secret.  Pages
 * that a live process never touched are none, either.
 */
static void count_missing(struct native_memory *memory)
{
	if (image_process(memory->image)->stopped_ns)
		return;
	for (size_t i = 0; i < image_mapping_count(memory->image); i++) {
		const struct image_mapping *mapping = image_mapping(memory->image, i);

		uint64_t size = mapping->range.end - mapping->range.start;

		if (mapping->writable && !mapping->path[0] && !mapping->dumped &&
		    size > SMALL_GAP)
			memory->missing += size;
	}
}

/*
 * A thread's descriptor begins with its own address.  gdb writes zeros for what it cannot read:
 * of stacks that share a mapping with guard pages (glibc 2.42 on), all but the first.
 */
static void check_threads(struct native_memory *memory)
{
	for (size_t i = 0; i < image_thread_count(memory->image); i++) {
		addr_t descriptor = image_thread(memory->image, i)->registers[REGISTER_FS_BASE];
		uint64_t word;

		if (descriptor &&
		    (!image_read_u64(memory->image, descriptor, &word) || word != descriptor)) {
			memory->missing += WORD;
			memory->incomplete_threads++;
		}
	}
}

bool native_memory_init(struct native_memory *memory, const struct image *image,
			const struct collection *collection, const struct graph *graph,
			struct error *err)
{
	*memory = (struct native_memory){
		.image = image, .collection = collection, .graph = graph};
	memory->cache_key = cache_key(memory);
	take_blocks(memory);
	skip_allocators(memory);
	join_skipped(memory);
	skip_dead_stacks(memory);
	count_missing(memory);
	check_threads(memory);
	if (memory->blocks.count < NATIVE_NONE && !memory->blocks.failed &&
	    !memory->held.failed && !memory->skipped.failed)
		return true;
	native_memory_release(memory);
	return error_out_of_memory(err, "looking for lost blocks");
}

void native_memory_release(struct native_memory *memory)
{
	vector_release(&memory->blocks);
	vector_release(&memory->held);
	vector_release(&memory->skipped);
}

const uint8_t *native_memory_view(void *context, addr_t address, uint64_t size,
				  uint64_t *ret_size)
{
	struct native_memory *memory = context;
	const uint8_t *bytes = image_view(memory->image, address, size, &memory->hint);
	uint64_t page = page_ceiling(address + 1) - address;

	*ret_size = size;
	if (bytes || page >= size) {
		memory->missing += bytes ? 0 : size;
		return bytes;
	}
	*ret_size = page;
	bytes = image_view(memory->image, address, page, &memory->hint);
	if (!bytes)
		memory->missing += page;
	return bytes;
}

static void search_range(struct native_memory *memory, struct native_search *search,
			 struct address_range range)
{
	while (range.start < range.end) {
		uint64_t size;
		const uint8_t *bytes =
			native_memory_view(memory, range.start, range.end - range.start, &size);

		if (bytes)
			native_search_words(search, bytes, size);
		range.start += size;
	}
}

/* Data that only a file has cannot know where the heap is; what was written since can. */
static bool may_hold(const struct image *image, const struct image_segment *segment)
{
	const struct image_mapping *mapping = image_mapping_at(image, segment->start);
	const struct image_file *file = image_file_at(image, segment->start);

	return segment->writable || (!segment->executable &&
				     ((file && file->binary) || !mapping || !mapping->path[0]));
}

/* What a heap may grow into follows it; gdb writes its 64 MiB out as zeros. */
static bool is_reserve(const struct address_range *heap, const struct image_segment *segment)
{
	return !segment->writable && heap->end == segment->start;
}

static void search_segment(const struct image_segment *segment, struct native_search *search,
			   addr_t start, addr_t end)
{
	start = (start + 7) & ~(addr_t)7;
	if (start < end)
		native_search_words(search, segment->bytes + (start - segment->start),
				    end - start);
}

static void search_segments(const struct native_memory *memory, struct native_search *search)
{
	const struct address_ranges *skipped = &memory->skipped;
	size_t at = 0;

	for (size_t i = 0; i < image_segment_count(memory->image); i++) {
		const struct image_segment *segment = image_segment(memory->image, i);
		addr_t start = segment->start, end = start + segment->size;

		while (at < skipped->count && skipped->items[at].end <= start)
			at++;
		if (!may_hold(memory->image, segment) ||
		    (at && is_reserve(&skipped->items[at - 1], segment)))
			continue;
		for (size_t k = at; k < skipped->count && skipped->items[k].start < end; k++) {
			search_segment(segment, search, start, skipped->items[k].start);
			start = skipped->items[k].end;
		}
		search_segment(segment, search, start, end);
	}
}

/* Small objects and their buffers. */
static void search_small_blocks(struct native_memory *memory, struct native_search *search)
{
	struct cursors at = {0};

	vector_each (&memory->collection->blocks, block) {
		struct use_of_block use = use_of(memory, &at, block);

		if (use.use != USE_PLAIN)
			search_range(memory, search,
				     (struct address_range){block->address,
							    block->address + use.bytes});
	}
}

void native_memory_roots(void *context, struct native_search *search)
{
	struct native_memory *memory = context;

	for (size_t i = 0; i < image_thread_count(memory->image); i++)
		native_search_words(search,
				    (const uint8_t *)image_thread(memory->image, i)->registers,
				    sizeof(image_thread(memory->image, i)->registers));
	search_segments(memory, search);
	vector_each (&memory->held, range)
		search_range(memory, search, *range);
	search_small_blocks(memory, search);
}
