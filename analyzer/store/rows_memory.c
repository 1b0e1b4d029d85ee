#include "store/rows.h"

const char *block_state_name(enum block_state state)
{
	static const char *const names[] = {
		[BLOCK_USED] = "used",
		[BLOCK_FREE] = "free",
		[BLOCK_CACHED] = "cached",
	};

	return names[state];
}

bool rows_mappings(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->mappings.count; i++) {
		const struct snapshot_mapping *mapping = &snapshot->mappings.items[i];

		insert_id(insert, i);
		insert_unsigned(insert, mapping->range.start);
		insert_unsigned(insert, mapping->range.end - mapping->range.start);
		insert_text(insert, mapping->perms);
		insert_known_text(insert, mapping->path);
		insert_unsigned(insert, mapping->file_offset);
		insert_known_text(insert, mapping->build_id);
		insert_text(insert, mapping->kind);
		insert_unsigned(insert, mapping->dumped);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_accounting(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	vector_each (&snapshot->accounting, bucket) {
		insert_text(insert, bucket->bucket);
		insert_known_text(insert, bucket->parent);
		insert_unsigned(insert, bucket->bytes);
		insert_unsigned(insert, bucket->count);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_blocks(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->blocks.count; i++) {
		const struct snapshot_block *block = &snapshot->blocks.items[i];

		insert_id(insert, i);
		insert_unsigned(insert, block->address);
		insert_unsigned(insert, block->size);
		insert_text(insert, block->allocator);
		insert_text(insert, block_state_name(block->state));
		insert_id(insert, block->owner);
		insert_known_text(insert, block->kind);
		insert_known_text(insert, block->confidence);
		insert_known(insert, block->evidence);
		insert_known(insert, block->first_word);
		insert_known(insert, block->holder);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_arenas(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->arenas.count; i++) {
		const struct arena_report *arena = &snapshot->arenas.items[i].report;

		insert_id(insert, i);
		insert_text(insert, snapshot->arenas.items[i].allocator);
		insert_unsigned(insert, arena->address);
		insert_unsigned(insert, arena->size);
		insert_unsigned(insert, arena->used);
		insert_unsigned(insert, arena->free);
		insert_integer(insert, arena->pools);
		insert_integer(insert, arena->free_pools);
		insert_unsigned(insert, snapshot->arenas.items[i].cached);
		insert_unsigned(insert, snapshot->arenas.items[i].top);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_pools(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->pools.count; i++) {
		const struct pool_report *pool = &snapshot->pools.items[i].report;

		insert_id(insert, i);
		insert_id(insert, snapshot->pools.items[i].arena);
		insert_unsigned(insert, pool->address);
		insert_integer(insert, pool->size);
		insert_integer(insert, pool->header);
		insert_integer(insert, pool->block_size);
		insert_integer(insert, pool->capacity);
		insert_integer(insert, pool->used);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_pins(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	vector_each (&snapshot->pins, pin) {
		insert_id(insert, pin->arena);
		insert_id(insert, pin->pool);
		insert_id(insert, pin->object);
		insert_id(insert, pin->block);
		insert_unsigned(insert, pin->size);
		insert_known_text(insert, pin->path);
		insert_id(insert, pin->release);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_releases(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->releases.count; i++) {
		const struct snapshot_release *release = &snapshot->releases.items[i];

		insert_id(insert, i);
		insert_text(insert, release_kind_name(release->kind));
		insert_id(insert, release->object);
		insert_known(insert, release->fingerprint);
		insert_known_text(insert, release->type);
		insert_unsigned(insert, release->typed);
		insert_known_text(insert, release->path);
		insert_unsigned(insert, release->pins);
		insert_unsigned(insert, release->pin_bytes);
		insert_unsigned(insert, release->arenas);
		insert_unsigned(insert, release->arena_bytes);
		insert_unsigned(insert, release->blocks);
		insert_unsigned(insert, release->bytes);
		insert_unsigned(insert, release->returned_arenas);
		insert_unsigned(insert, release->returned);
		if (release_has_holder(release->kind))
			insert_unsigned(insert, release->together);
		else
			insert_null(insert);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
