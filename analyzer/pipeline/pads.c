#include "pipeline/pads.h"

#define STAGE        "pads"
#define CHUNK_HEADER 16u

/* The type of the object that the block holds or belongs to; where none is known, the domain. */
static const char *owner_of(const struct collection *collection, const struct graph *graph,
			    const struct block_report *block)
{
	addr_t user = block_user(block);
	uint64_t size = block_user_size(block);
	uint32_t object = size ? graph_object_at(graph, user + size - 1) : OBJECT_NONE;
	const struct claim_report *claim = collection_claim_at(collection, user);

	if (object != OBJECT_NONE && graph->address[object] < user)
		object = OBJECT_NONE;
	if (object == OBJECT_NONE && claim && claim->owner)
		object = graph_object_at(graph, claim->owner);
	if (object != OBJECT_NONE)
		return collection->types.items[graph->type[object]].name;
	if (claim)
		return claim->kind;
	return block->domain == 'o'   ? "unknown object"
	       : block->domain == 'm' ? "unknown memory"
	       : block->domain == 'r' ? "unknown raw memory"
				      : "unknown";
}

static void record(const struct collection *collection, const struct graph *graph,
		   const struct block_report *block, const char *what,
		   struct anomalies *anomalies)
{
	anomaly_record(anomalies, STAGE, block_user(block), "%s: %s", what,
		       owner_of(collection, graph, block));
}

/* Nothing but a chunk's header is between them. */
static bool touches(const struct block_report *before, const struct block_report *block)
{
	return block->address - (before->address + before->size) <= CHUNK_HEADER;
}

static void check_block(const struct collection *collection, const struct graph *graph,
			const struct block_report *block, const struct block_report *before,
			struct anomalies *anomalies)
{
	if (block->pads & PADS_TAIL_DAMAGED)
		record(collection, graph, block,
		       "the bytes behind a block were written over, likely by its owner",
		       anomalies);
	if (!(block->pads & PADS_HEAD_DAMAGED))
		return;
	record(collection, graph, block, "the bytes before a block were written over",
	       anomalies);
	if (before && touches(before, block))
		record(collection, graph, before,
		       "a block lies before one whose first bytes were written over: likely it "
		       "was written past its end",
		       anomalies);
}

static void check_blocks(const struct collection *collection, const struct graph *graph,
			 const struct block_report *blocks, size_t count,
			 struct anomalies *anomalies)
{
	for (size_t i = 0; i < count; i++)
		if (blocks[i].state == BLOCK_USED &&
		    blocks[i].pads & (PADS_HEAD_DAMAGED | PADS_TAIL_DAMAGED))
			check_block(collection, graph, &blocks[i], i ? &blocks[i - 1] : NULL,
				    anomalies);
}

void pads_check(const struct collection *collection, const struct graph *graph,
		struct anomalies *anomalies)
{
	check_blocks(collection, graph, collection->blocks.items, collection->blocks.count,
		     anomalies);
	check_blocks(collection, graph, collection->native_blocks.items,
		     collection->native_blocks.count, anomalies);
}
