#include "pipeline/block_cursor.h"

bool block_has_arena(struct block_cursor *cursor, const struct collection *collection,
		     const struct block_report *block)
{
	const struct collected_arena *arenas =
		collection->arenas.items + collection->native_arenas;
	size_t count = collection->arenas.count - collection->native_arenas;

	while (cursor->arena < count && arenas[cursor->arena].report.address < block->address)
		cursor->arena++;
	return cursor->arena < count &&
	       arenas[cursor->arena].report.address - block->address < block->size;
}

bool block_has_object(struct block_cursor *cursor, const struct graph *graph,
		      const struct block_report *block)
{
	while (cursor->object < graph->object_count &&
	       graph->address[cursor->object] < block->address)
		cursor->object++;
	return cursor->object < graph->object_count &&
	       graph->address[cursor->object] - block->address < block->size;
}
