/*
 * Sums over the large tables, so that a report need not read them row by row.
 */
#include "store/rows.h"

#include <inttypes.h>
#include <stdlib.h>

struct type_total {
	uint64_t objects, bytes, retained;
};

/* An object that one of its own type dominates directly is part of what that one retains. */
static bool retains_for_its_type(const struct snapshot *snapshot, uint32_t object)
{
	uint32_t dominator = snapshot->dominators.dominator[object];

	return dominator == OBJECT_NONE ||
	       snapshot->graph->type[dominator] != snapshot->graph->type[object];
}

static void add_objects(const struct snapshot *snapshot, struct type_total *totals)
{
	const struct graph *graph = snapshot->graph;
	const uint64_t *retained = snapshot->dominators.retained;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		struct type_total *total = &totals[graph->type[i]];

		total->objects++;
		total->bytes += graph->size[i] + graph->owned_size[i];
		if (retained && retains_for_its_type(snapshot, i))
			total->retained += retained[i];
	}
}

static bool write_type_total(struct insert *insert, const struct snapshot *snapshot,
			     uint32_t type, const struct type_total *total, struct error *err)
{
	insert_id(insert, type);
	insert_unsigned(insert, total->objects);
	insert_unsigned(insert, total->bytes);
	if (snapshot->dominators.retained)
		insert_unsigned(insert, total->retained);
	else
		insert_null(insert);
	return insert_row(insert, err);
}

bool rows_type_totals(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	uint32_t count = (uint32_t)snapshot->types.count;
	CLEANUP_FREE struct type_total *totals = NULL;

	if (!snapshot->graph)
		return true;
	totals = calloc((size_t)count + 1, sizeof(*totals));
	if (!totals)
		return error_out_of_memory(err, "adding up types");
	add_objects(snapshot, totals);
	for (uint32_t i = 0; i < count; i++)
		if (totals[i].objects &&
		    !write_type_total(insert, snapshot, i, &totals[i], err))
			return false;
	return true;
}

bool rows_places(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->places.count; i++) {
		const struct snapshot_place *place = &snapshot->places.items[i];

		insert_id(insert, i);
		insert_id(insert, place->parent);
		insert_id(insert, place->type);
		insert_text(insert, place->path);
		insert_unsigned(insert, place->objects);
		insert_unsigned(insert, place->bytes);
		insert_unsigned(insert, place->total_objects);
		insert_unsigned(insert, place->total_bytes);
		insert_id(insert, place->example);
		insert_unsigned(insert, place->fingerprint);
		insert_unsigned(insert, place->checksum);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

/* Blocks that are alike, and the first of them. */
struct block_total {
	const struct snapshot_block *first;
	uint32_t example; /* its index */
	uint64_t blocks, bytes;
};

struct block_sums {
	struct names *kinds; /* all that makes blocks alike; a name's number is its total's */
	VECTOR_OF(struct block_total)
	totals;
	uint32_t last; /* total of the block before: most are like it */
};

static bool has_kind(const struct snapshot_block *block)
{
	return block->kind && *block->kind;
}

/* Those of no known kind are told apart by size. */
static bool is_alike(const struct snapshot_block *block, const struct snapshot_block *other)
{
	return (block->owner == OBJECT_NONE) == (other->owner == OBJECT_NONE) &&
	       block->kind == other->kind && block->allocator == other->allocator &&
	       block->state == other->state && block->confidence == other->confidence &&
	       block->first_word == other->first_word && block->holder == other->holder &&
	       (has_kind(block) || block->size == other->size);
}

static bool count_block(struct block_sums *sums, uint32_t number,
			const struct snapshot_block *block)
{
	if (number >= sums->totals.count)
		return false; /* no memory for a new one */
	sums->totals.items[number].blocks++;
	sums->totals.items[number].bytes += block->size;
	sums->last = number;
	return true;
}

static bool add_block(struct block_sums *sums, const struct snapshot_block *block,
		      uint32_t index)
{
	uint32_t number = sums->last;
	char kind[640];

	if (sums->totals.count && is_alike(block, sums->totals.items[number].first))
		return count_block(sums, number, block);
	snprintf(kind, sizeof(kind), "%s %d %d %u %u %" PRIu64 " %s %s", block->allocator,
		 (int)block->state, block->owner != OBJECT_NONE, block->first_word,
		 block->holder, has_kind(block) ? 0 : block->size,
		 block->confidence ? block->confidence : "", block->kind ? block->kind : "");
	number = names_add(sums->kinds, kind);
	if (number == sums->totals.count)
		vector_push(&sums->totals,
			    ((struct block_total){.first = block, .example = index}));
	return count_block(sums, number, block);
}

static bool add_blocks(struct block_sums *sums, const struct snapshot *snapshot)
{
	sums->kinds = names_create();
	if (!sums->kinds)
		return false;
	for (uint32_t i = 0; i < snapshot->blocks.count; i++)
		if (!add_block(sums, &snapshot->blocks.items[i], i))
			return false;
	return true;
}

static bool write_block_total(struct insert *insert, const struct block_total *total,
			      struct error *err)
{
	insert_text(insert, total->first->allocator);
	insert_text(insert, block_state_name(total->first->state));
	insert_known_text(insert, total->first->kind);
	insert_integer(insert, total->first->owner != OBJECT_NONE);
	insert_unsigned(insert, total->blocks);
	insert_unsigned(insert, total->bytes);
	insert_known_text(insert, total->first->confidence);
	if (has_kind(total->first))
		insert_null(insert);
	else
		insert_unsigned(insert, total->first->size);
	insert_known(insert, total->first->first_word);
	insert_known(insert, total->first->holder);
	insert_id(insert, total->example);
	return insert_row(insert, err);
}

bool rows_block_totals(struct insert *insert, const struct snapshot *snapshot,
		       struct error *err)
{
	struct block_sums sums = {.kinds = NULL};
	bool ok = add_blocks(&sums, snapshot) || error_out_of_memory(err, "adding up blocks");

	for (size_t i = 0; ok && i < sums.totals.count; i++)
		ok = write_block_total(insert, &sums.totals.items[i], err);
	vector_release(&sums.totals);
	names_free(sums.kinds);
	return ok;
}
