#include "pipeline/heap_rows.h"

/* Arenas and blocks both ascend. */
static struct snapshot_arena *arena_of(const struct collection *collection,
				       struct snapshot *snapshot, addr_t address)
{
	const struct collected_arena *arena = collection_native_arena_at(collection, address);
	size_t index = arena ? (size_t)(arena - collection->arenas.items) : 0;

	return arena && index < snapshot->arenas.count ? &snapshot->arenas.items[index] : NULL;
}

static void add_unused(const struct collection *collection, struct snapshot *snapshot,
		       const struct block_report *block)
{
	struct snapshot_arena *arena = arena_of(collection, snapshot, block->address);

	vector_push(&snapshot->blocks,
		    ((struct snapshot_block){.address = block->address,
					     .size = block->size,
					     .allocator = collection->native_allocator,
					     .state = block->state,
					     .owner = OBJECT_NONE,
					     .kind = block->place == BLOCK_TOP ? "top" : ""}));
	if (arena && block->place == BLOCK_TOP)
		arena->top += block->size;
	else if (arena && block->state == BLOCK_CACHED)
		arena->cached += block->size;
}

bool heap_rows_fill(const struct collection *collection, struct snapshot *snapshot,
		    struct error *err)
{
	vector_each (&collection->native_blocks, block)
		if (block->state != BLOCK_USED)
			add_unused(collection, snapshot, block);
	return !snapshot->blocks.failed || error_out_of_memory(err, "listing free memory");
}
