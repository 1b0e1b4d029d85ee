#include "pipeline/sparse.h"

#include "base/search.h"

#include <stdlib.h>

#define PARTS 4 /* one of them in use, at most */

static bool is_sparse(const struct arena_report *arena)
{
	return arena->used && arena->used <= arena->size / PARTS;
}

static int compare_raws(const void *left, const void *right)
{
	return addr_compare(&((const struct raw_block *)left)->address,
			    &((const struct raw_block *)right)->address);
}

static void list_raws(struct sparse_list *list)
{
	const struct snapshot *snapshot = list->snapshot;

	for (size_t i = 0; i < snapshot->blocks.count; i++) {
		addr_t address = snapshot->blocks.items[i].address;
		const struct collected_arena *arena =
			collection_arena_at(list->collection, address);

		if (arena && is_sparse(&arena->report))
			vector_push(&list->raws, ((struct raw_block){address, (uint32_t)i}));
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

static void add_arena(struct sparse_list *list, uint32_t index)
{
	const struct arena_report *report = &list->collection->arenas.items[index].report;
	addr_t end = report->address + report->size;
	struct sparse_arena arena = {
		.arena = index,
		.first_object = objects_below(list->snapshot->graph, report->address),
		.first_raw = raws_below(list, report->address),
	};

	arena.objects = objects_below(list->snapshot->graph, end) - arena.first_object;
	arena.raws = raws_below(list, end) - arena.first_raw;
	arena.pins = arena.objects + arena.raws;
	vector_push(&list->arenas, arena);
}

/* Sizes of arenas are the same; what is in use orders them. */
struct order {
	uint64_t used;
	uint32_t arena;
};

static int compare_orders(const void *left, const void *right)
{
	const struct order *a = left, *b = right;

	if (a->used != b->used)
		return a->used < b->used ? -1 : 1;
	return a->arena < b->arena ? -1 : a->arena > b->arena;
}

static bool list_arenas(struct sparse_list *list)
{
	const struct collection *collection = list->collection;
	CLEANUP_FREE struct order *orders =
		malloc((collection->arenas.count + 1) * sizeof(*orders));
	size_t count = 0;

	if (!orders)
		return false;
	for (size_t i = collection->native_arenas; i < collection->arenas.count; i++) {
		const struct arena_report *arena = &collection->arenas.items[i].report;

		if (is_sparse(arena))
			orders[count++] = (struct order){arena->used, (uint32_t)i};
	}
	qsort(orders, count, sizeof(*orders), compare_orders);
	for (size_t i = 0; i < count; i++)
		add_arena(list, orders[i].arena);
	return true;
}

bool sparse_find(const struct collection *collection, const struct snapshot *snapshot,
		 struct sparse_list *ret, struct error *err)
{
	*ret = (struct sparse_list){.collection = collection, .snapshot = snapshot};
	list_raws(ret);
	if (list_arenas(ret) && !ret->raws.failed && !ret->arenas.failed)
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
