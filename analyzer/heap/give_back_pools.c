/*
 * pymalloc's arenas while blocks are freed; mirrors insert_to_freepool() of Objects/obmalloc.c.
 *
 * The list of arenas with free pools is sorted by how many they have, and last_with[n] is the
 * last one with n.  One more free pool moves an arena behind all that have as many as it had.
 */
#include "base/search.h"
#include "heap/give_back_parts.h"

#include <stdlib.h>

static void link_arenas(struct small_heap *heap, const uint32_t *order, size_t count)
{
	heap->start_first = count ? order[0] : PLACE_NONE;
	for (size_t i = 0; i < count; i++) {
		struct small_arena *arena = &heap->start[order[i]];

		arena->previous = i ? order[i - 1] : PLACE_NONE;
		arena->next = i + 1 < count ? order[i + 1] : PLACE_NONE;
		heap->start_last_with[arena->free_pools] = order[i];
	}
}

/* A place in pymalloc's list, for sorting; what it does not have follows by free pools. */
struct place {
	uint32_t free_pools, usable, arena;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->free_pools != b->free_pools)
		return a->free_pools < b->free_pools ? -1 : 1;
	if (a->usable != b->usable)
		return a->usable < b->usable ? -1 : 1;
	return a->arena < b->arena ? -1 : a->arena > b->arena;
}

/* Sorted by free pools first: the list must be, however damaged the dump's is. */
static bool order_arenas(struct small_heap *heap)
{
	size_t total = heap->found->arena_count, count = 0;
	CLEANUP_FREE struct place *places = malloc((total + 1) * sizeof(*places));
	CLEANUP_FREE uint32_t *order = malloc((total + 1) * sizeof(*order));

	if (!places || !order)
		return false;
	for (uint32_t i = 0; i < total; i++)
		if (heap->start[i].free_pools)
			places[count++] = (struct place){heap->start[i].free_pools,
							 heap->found->arenas[i].usable, i};
	qsort(places, count, sizeof(*places), compare_places);
	for (size_t i = 0; i < count; i++)
		order[i] = places[i].arena;
	link_arenas(heap, order, count);
	return true;
}

static void find_arenas_of_pools(struct small_heap *heap)
{
	const struct found_heap *found = heap->found;
	uint32_t arena = 0;

	for (size_t i = 0; i < found->pool_count; i++) {
		while (arena + 1 < found->arena_count &&
		       found->arenas[arena + 1].address <= found->pools[i].address)
			arena++;
		heap->arena_of[i] = arena;
		heap->start_used[i] = found->pools[i].used;
	}
}

static bool make_arrays(struct small_heap *heap)
{
	size_t pools = heap->found->pool_count + 1, arenas = heap->found->arena_count + 1;
	size_t counts = (size_t)heap->most_pools + 2;

	heap->arena_of = malloc(pools * sizeof(uint32_t));
	heap->start_used = malloc(pools * sizeof(uint32_t));
	heap->used = malloc(pools * sizeof(uint32_t));
	heap->start = calloc(arenas, sizeof(*heap->start));
	heap->arenas = calloc(arenas, sizeof(*heap->arenas));
	heap->start_last_with = malloc(counts * sizeof(uint32_t));
	heap->last_with = malloc(counts * sizeof(uint32_t));
	if (!heap->arena_of || !heap->start_used || !heap->used || !heap->start ||
	    !heap->arenas || !heap->start_last_with || !heap->last_with)
		return false;
	memset(heap->start_last_with, 0xff, counts * sizeof(uint32_t));
	return true;
}

bool small_heap_init(struct small_heap *heap, const struct found_heap *found)
{
	*heap = (struct small_heap){.found = found};
	for (size_t i = 0; i < found->arena_count; i++)
		if (found->arenas[i].pools > heap->most_pools)
			heap->most_pools = found->arenas[i].pools;
	if (!make_arrays(heap))
		return false;
	for (size_t i = 0; i < found->arena_count; i++) {
		const struct arena_report *arena = &found->arenas[i];

		heap->start[i] = (struct small_arena){
			.free_pools = arena->free_pools < arena->pools ? arena->free_pools
								       : arena->pools,
			.next = PLACE_NONE,
			.previous = PLACE_NONE};
	}
	find_arenas_of_pools(heap);
	return order_arenas(heap);
}

void small_heap_release(struct small_heap *heap)
{
	free(heap->arena_of);
	free(heap->start_used);
	free(heap->used);
	free(heap->start);
	free(heap->arenas);
	free(heap->start_last_with);
	free(heap->last_with);
}

void small_heap_reset(struct small_heap *heap)
{
	memcpy(heap->used, heap->start_used, heap->found->pool_count * sizeof(uint32_t));
	memcpy(heap->arenas, heap->start, heap->found->arena_count * sizeof(*heap->arenas));
	memcpy(heap->last_with, heap->start_last_with,
	       ((size_t)heap->most_pools + 2) * sizeof(uint32_t));
	heap->first = heap->start_first;
}

uint32_t small_heap_pool_at(const struct small_heap *heap, addr_t address)
{
	const struct pool_report *pools = heap->found->pools;
	size_t below = count_leading(heap->found->pool_count, i, pools[i].address <= address);

	return below && address - pools[below - 1].address < pools[below - 1].size
		       ? (uint32_t)(below - 1)
		       : PLACE_NONE;
}

static void unlink_arena(struct small_heap *heap, const struct small_arena *arena)
{
	if (arena->previous == PLACE_NONE)
		heap->first = arena->next;
	else
		heap->arenas[arena->previous].next = arena->next;
	if (arena->next != PLACE_NONE)
		heap->arenas[arena->next].previous = arena->previous;
}

/* Behind `before`, or at the front. */
static void link_arena(struct small_heap *heap, uint32_t place, uint32_t before)
{
	struct small_arena *arena = &heap->arenas[place];

	arena->previous = before;
	arena->next = before == PLACE_NONE ? heap->first : heap->arenas[before].next;
	if (before == PLACE_NONE)
		heap->first = place;
	else
		heap->arenas[before].next = place;
	if (arena->next != PLACE_NONE)
		heap->arenas[arena->next].previous = place;
}

/* The arena is no longer one of those with `count` free pools. */
static void leave_count(struct small_heap *heap, uint32_t place, uint32_t count)
{
	uint32_t before = heap->arenas[place].previous;

	if (heap->last_with[count] != place)
		return;
	heap->last_with[count] =
		before != PLACE_NONE && heap->arenas[before].free_pools == count ? before
										 : PLACE_NONE;
}

/* Returns whether the arena is given back. */
static bool add_free_pool(struct small_heap *heap, uint32_t place)
{
	const struct arena_report *found = &heap->found->arenas[place];
	struct small_arena *arena = &heap->arenas[place];
	uint32_t count = arena->free_pools, last = heap->last_with[count];

	if (arena->is_gone || count == found->pools)
		return false;
	if (count)
		leave_count(heap, place, count);
	arena->free_pools = ++count;
	if (count == found->pools && (arena->next != PLACE_NONE || !found->stays_last)) {
		unlink_arena(heap, arena);
		return arena->is_gone = true;
	}
	if (count == 1) {
		link_arena(heap, place, PLACE_NONE);
	} else if (last != place) {
		unlink_arena(heap, arena);
		link_arena(heap, place, last);
	}
	if (heap->last_with[count] == PLACE_NONE)
		heap->last_with[count] = place;
	return false;
}

uint32_t small_heap_free(struct small_heap *heap, uint32_t pool)
{
	uint32_t arena = heap->arena_of[pool];

	if (--heap->used[pool])
		return PLACE_NONE;
	return add_free_pool(heap, arena) ? arena : PLACE_NONE;
}
