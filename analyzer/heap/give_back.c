#include "heap/give_back_parts.h"

#include <stdlib.h>

struct give_back {
	const struct found_heap *found;
	struct small_heap small;
	struct native_heap native;
	struct given_back result;
};

struct give_back *give_back_create(const struct found_heap *heap)
{
	struct give_back *give_back = calloc(1, sizeof(*give_back));

	if (!give_back)
		return NULL;
	give_back->found = heap;
	if (!small_heap_init(&give_back->small, heap) ||
	    !native_heap_init(&give_back->native, heap)) {
		give_back_free(give_back);
		return NULL;
	}
	give_back_reset(give_back);
	return give_back;
}

void give_back_free(struct give_back *give_back)
{
	small_heap_release(&give_back->small);
	native_heap_release(&give_back->native);
	free(give_back);
}

void give_back_reset(struct give_back *give_back)
{
	small_heap_reset(&give_back->small);
	native_heap_reset(&give_back->native);
	give_back->result = (struct given_back){0};
}

static void free_native(struct give_back *give_back, addr_t address)
{
	uint32_t block = native_heap_block_at(&give_back->native, address);

	if (block == PLACE_NONE)
		return;
	give_back->result.freed_blocks++;
	give_back->result.freed_bytes += give_back->found->blocks[block].size;
	give_back->result.bytes += native_heap_free(&give_back->native, block);
}

/* An arena is a mapping, or a block of the C library's. */
static void unmap_arena(struct give_back *give_back, const struct arena_report *arena)
{
	uint32_t block = native_heap_block_at(&give_back->native, arena->address);

	give_back->result.arenas++;
	give_back->result.arena_bytes += arena->size;
	give_back->result.bytes +=
		block == PLACE_NONE ? arena->size : native_heap_free(&give_back->native, block);
}

void give_back_block(struct give_back *give_back, addr_t address)
{
	uint32_t pool = small_heap_pool_at(&give_back->small, address), arena;

	if (pool == PLACE_NONE) {
		free_native(give_back, address);
		return;
	}
	if (!give_back->small.used[pool])
		return;
	give_back->result.freed_blocks++;
	give_back->result.freed_bytes += give_back->found->pools[pool].block_size;
	arena = small_heap_free(&give_back->small, pool);
	if (arena != PLACE_NONE)
		unmap_arena(give_back, &give_back->found->arenas[arena]);
}

struct given_back give_back_result(const struct give_back *give_back)
{
	return give_back->result;
}
