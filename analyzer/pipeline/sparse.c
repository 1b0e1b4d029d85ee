#include "pipeline/sparse.h"

#include "base/search.h"

#include <stdlib.h>

#define PARTS     4                   /* one of them in use, at most */
#define LEAST_END ((uint64_t)1 << 20) /* bytes */

static bool is_sparse(uint64_t size, uint64_t used)
{
	return used && used <= size / PARTS;
}

static void add_arena(struct sparse_list *list, size_t arena, struct address_range range,
		      uint64_t used)
{
	if (is_sparse(range.end - range.start, used))
		vector_push(&list->arenas,
			    ((struct sparse_arena){
				    .arena = (uint32_t)arena, .range = range, .used = used}));
}

static size_t blocks_below(const struct collection *collection, addr_t address)
{
	return count_leading(collection->native_blocks.count, i,
			     collection->native_blocks.items[i].address < address);
}

/*
 * From the top down: where the bytes that are free exceed those in use most, a byte in use
 * weighing as much as the free ones that it may keep.
 */
static void add_end(struct sparse_list *list, size_t index)
{
	const struct arena_report *arena = &list->collection->arenas.items[index].report;
	const struct block_report *blocks = list->collection->native_blocks.items;
	addr_t end = arena->address + arena->size, best = end;
	size_t at = blocks_below(list->collection, end);
	uint64_t used = 0, used_in_best = 0;
	int64_t gain = 0, most = 0;

	if (!at || blocks[at - 1].place != BLOCK_TOP || arena->end == END_STAYS)
		return;
	while (at-- > 0 && blocks[at].address >= arena->address) {
		bool is_used = blocks[at].state == BLOCK_USED;

		gain += is_used ? -(int64_t)blocks[at].size * (PARTS - 1)
				: (int64_t)blocks[at].size;
		used += is_used ? blocks[at].size : 0;
		if (gain <= most)
			continue;
		most = gain;
		best = blocks[at].address;
		used_in_best = used;
	}
	if (end - best >= LEAST_END)
		add_arena(list, index, (struct address_range){best, end}, used_in_best);
}

static void list_arenas(struct sparse_list *list)
{
	const struct collection *collection = list->collection;

	for (size_t i = 0; i < collection->arenas.count; i++) {
		const struct arena_report *arena = &collection->arenas.items[i].report;

		if (i < collection->native_arenas)
			add_end(list, i);
		else
			add_arena(list, i,
				  (struct address_range){arena->address,
							 arena->address + arena->size},
				  arena->used);
	}
}

/* Bytes in use of each that the arena has. */
static double fill_of(const struct sparse_arena *arena)
{
	return (double)arena->used / (double)(arena->range.end - arena->range.start);
}

static int compare_fills(const void *left, const void *right)
{
	const struct sparse_arena *a = left, *b = right;
	double fill_a = fill_of(a), fill_b = fill_of(b);

	if (fill_a < fill_b || fill_a > fill_b)
		return fill_a < fill_b ? -1 : 1;
	return a->arena < b->arena ? -1 : a->arena > b->arena;
}

static int compare_raws(const void *left, const void *right)
{
	return addr_compare(&((const struct raw_block *)left)->address,
			    &((const struct raw_block *)right)->address);
}

/* What the C library keeps in a cache is nobody's pin; what a runtime keeps is. */
static bool is_pin(const struct collection *collection, const struct snapshot_block *block)
{
	return block->state == BLOCK_USED ||
	       (block->state == BLOCK_CACHED &&
		collection_used_block_at(collection, block->address));
}

/* In arenas that ascend still. */
static bool is_in_sparse(const struct sparse_list *list, addr_t address)
{
	size_t below = count_leading(list->arenas.count, i,
				     list->arenas.items[i].range.start <= address);

	return below && range_has(list->arenas.items[below - 1].range, address);
}

static void list_raws(struct sparse_list *list)
{
	const struct snapshot *snapshot = list->snapshot;

	for (size_t i = 0; i < snapshot->blocks.count; i++) {
		const struct snapshot_block *block = &snapshot->blocks.items[i];

		if (is_in_sparse(list, block->address) && is_pin(list->collection, block))
			vector_push(&list->raws,
				    ((struct raw_block){block->address, (uint32_t)i}));
	}
	if (list->raws.count)
		qsort(list->raws.items, list->raws.count, sizeof(*list->raws.items),
		      compare_raws);
}

static size_t raws_below(const struct sparse_list *list, addr_t address)
{
	return count_leading(list->raws.count, i, list->raws.items[i].address < address);
}

static uint32_t objects_below(const struct graph *graph, addr_t address)
{
	return (uint32_t)count_leading(graph->object_count, i, graph->address[i] < address);
}

static void find_contents(struct sparse_list *list, struct sparse_arena *arena)
{
	const struct graph *graph = list->snapshot->graph;

	arena->first_object = objects_below(graph, arena->range.start);
	arena->objects = objects_below(graph, arena->range.end) - arena->first_object;
	arena->first_raw = raws_below(list, arena->range.start);
	arena->raws = raws_below(list, arena->range.end) - arena->first_raw;
	arena->pins = arena->objects + arena->raws;
}

static int compare_addresses(const void *left, const void *right)
{
	return addr_compare(&((const struct sparse_arena *)left)->range.start,
			    &((const struct sparse_arena *)right)->range.start);
}

static void sort_arenas(struct sparse_list *list, int (*compare)(const void *, const void *))
{
	if (list->arenas.count)
		qsort(list->arenas.items, list->arenas.count, sizeof(*list->arenas.items),
		      compare);
}

bool sparse_find(const struct collection *collection, const struct snapshot *snapshot,
		 struct sparse_list *ret, struct error *err)
{
	*ret = (struct sparse_list){.collection = collection, .snapshot = snapshot};
	list_arenas(ret);
	sort_arenas(ret, compare_addresses);
	list_raws(ret);
	vector_each (&ret->arenas, arena)
		find_contents(ret, arena);
	sort_arenas(ret, compare_fills);
	if (!ret->raws.failed && !ret->arenas.failed)
		return true;
	sparse_release(ret);
	return error_out_of_memory(err, "looking for what pins arenas");
}

void sparse_release(struct sparse_list *list)
{
	vector_release(&list->arenas);
	vector_release(&list->raws);
}

static void each_object(const struct sparse_list *list, const struct sparse_arena *arena,
			sparse_fn *call, void *context)
{
	const struct graph *graph = list->snapshot->graph;

	for (uint32_t i = 0; i < arena->objects; i++) {
		uint32_t object = arena->first_object + i;
		struct pin pin = {.arena = arena,
				  .object = object,
				  .row = OBJECT_NONE,
				  .owner = object,
				  .size = graph->size[object]};

		call(context, &pin);
	}
}

static void each_raw(const struct sparse_list *list, const struct sparse_arena *arena,
		     sparse_fn *call, void *context)
{
	for (size_t i = 0; i < arena->raws; i++) {
		uint32_t row = list->raws.items[arena->first_raw + i].row;
		const struct snapshot_block *block = &list->snapshot->blocks.items[row];
		struct pin pin = {.arena = arena,
				  .object = OBJECT_NONE,
				  .row = row,
				  .owner = block->owner,
				  .size = block->size};

		call(context, &pin);
	}
}

void sparse_each(const struct sparse_list *list, sparse_fn *call, void *context)
{
	vector_each (&list->arenas, arena) {
		each_object(list, arena, call, context);
		each_raw(list, arena, call, context);
	}
}
