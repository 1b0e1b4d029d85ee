#include "pipeline/accounts.h"

#include "base/search.h"
#include "pipeline/account_parts.h"
#include "pipeline/block_cursor.h"
#include "pipeline/dead_stacks.h"
#include "pipeline/mapping_uses.h"
#include "pipeline/native_accounts.h"

#include <stdlib.h>

void account_move(struct account *account, enum bucket from, enum bucket to, uint64_t bytes)
{
	if (bytes > account->sums[from].bytes)
		bytes = account->sums[from].bytes;
	account->sums[from].bytes -= bytes;
	account->sums[to].bytes += bytes;
	account->sums[to].count++;
}

uint64_t account_dumped(struct account *account, addr_t address, uint64_t size)
{
	const struct image *image = account->image;
	const struct image_segment *segment = account->segment;
	size_t count = image_segment_count(image), at;
	uint64_t dumped = 0;

	if (segment && address - segment->start < segment->size &&
	    size <= segment->size - (address - segment->start))
		return size;
	at = count_leading(count, i,
			   image_segment(image, i)->start <= address &&
				   address - image_segment(image, i)->start >=
					   image_segment(image, i)->size);
	for (; at < count && (segment = image_segment(image, at))->start < address + size;
	     at++) {
		addr_t start = segment->start > address ? segment->start : address;
		addr_t end = segment->start + segment->size;

		dumped += (end < address + size ? end : address + size) - start;
		account->segment = segment;
	}
	return dumped;
}

static const char *perms_of(const struct image_mapping *mapping)
{
	static const char *const perms[] = {"---", "--x", "-w-", "-wx",
					    "r--", "r-x", "rw-", "rwx"};

	return perms[mapping->readable * 4 + mapping->writable * 2 + mapping->executable];
}

struct mapping_use *account_use_at(const struct account *account, addr_t address)
{
	const struct image_mapping *mapping = image_mapping_at(account->image, address);

	return mapping ? &account->uses[mapping - image_mapping(account->image, 0)] : NULL;
}

void account_take(struct account *account, addr_t address, uint64_t bytes)
{
	struct mapping_use *use = account_use_at(account, address);

	if (use)
		use->left -= bytes < use->left ? bytes : use->left;
}

static void add_mapping(struct account *account, size_t index)
{
	const struct image_mapping *mapping = image_mapping(account->image, index);
	const struct image_file *file = image_file_at(account->image, mapping->range.start);
	struct mapping_use *use = &account->uses[index];
	char build_id[2 * BUILD_ID_MAX + 1] = "";
	struct snapshot_mapping row = {
		.range = mapping->range,
		.perms = perms_of(mapping),
		.path = mapping->path,
		.kind = use->kind,
		.file_offset = mapping->file_offset,
		.dumped = mapping->dumped,
	};

	if (file && file->binary)
		build_id_format(binary_build_id(file->binary), build_id);
	row.build_id = arena_string(account->collection->arena, build_id);
	vector_push(&account->snapshot->mappings, row);
	use->left = mapping->dumped;
	account->sums[use->bucket].bytes += mapping->dumped;
	account->sums[use->bucket].count++;
}

/* All of a small-object arena is free until a pool claims it. */
static void add_arena(struct account *account, const struct arena_report *arena)
{
	uint64_t bytes = account_dumped(account, arena->address, arena->size);
	enum bucket bucket;

	if (!account_bucket_at(account, arena->address, &bucket))
		return;
	account_move(account, bucket, BUCKET_FREE_POOLS, bytes);
	account_take(account, arena->address, bytes);
}

static void add_pool(struct account *account, const struct pool_report *pool)
{
	uint64_t blocks = (uint64_t)pool->capacity * pool->block_size;
	uint32_t unused = pool->capacity - pool->used;

	if (!pool->block_size)
		return;
	account_move(account, BUCKET_FREE_POOLS, BUCKET_OVERHEAD, pool->size - blocks);
	account_move(account, BUCKET_FREE_POOLS, BUCKET_FREE_BLOCKS,
		     (uint64_t)unused * pool->block_size);
	account->sums[BUCKET_FREE_BLOCKS].count += unused;
	account->sums[BUCKET_FREE_BLOCKS].count--; /* it counted the move */
}

static void add_arenas(struct account *account)
{
	const struct collection *collection = account->collection;
	uint64_t free_pools = 0;

	for (size_t i = 0; i < collection->arenas.count; i++) {
		const struct collected_arena *arena = &collection->arenas.items[i];
		struct snapshot_arena row = {.allocator = arena->allocator,
					     .report = arena->report};

		vector_push(&account->snapshot->arenas, row);
		if (i < collection->native_arenas)
			continue;
		add_arena(account, &arena->report);
		free_pools += arena->report.free_pools;
	}
	vector_each (&collection->pools, pool) {
		struct snapshot_pool row = {pool->arena, pool->report};

		vector_push(&account->snapshot->pools, row);
		add_pool(account, &pool->report);
	}
	account->sums[BUCKET_FREE_POOLS].count = free_pools;
}

static void add_raw_block(struct account *account, const struct block_report *block)
{
	const struct claim_report *claim = collection_claim_of(account->collection, block);
	struct snapshot_block row = {.address = block->address,
				     .size = block->size,
				     .allocator = "pymalloc",
				     .state = block->state,
				     .owner = OBJECT_NONE,
				     .kind = ""};

	if (claim) {
		row.owner = graph_find_object(account->snapshot->graph, claim->owner);
		row.kind = claim->kind;
		if (claim->cached)
			row.state = BLOCK_CACHED;
	}
	vector_push(&account->snapshot->blocks, row);
	account_move(account, BUCKET_FREE_POOLS,
		     !claim          ? BUCKET_UNKNOWN
		     : claim->cached ? BUCKET_CACHED
				     : BUCKET_OWNED,
		     block->size);
	if (claim && !claim->cached)
		account_raw_part(account, false, claim, block->size);
}

static void add_blocks(struct account *account)
{
	struct block_cursor at = {0};

	vector_each (&account->collection->blocks, block) {
		if (block_has_object(&at, account->snapshot->graph, block)) {
			account_move(account, BUCKET_FREE_POOLS, BUCKET_OBJECTS, block->size);
			account_object_part(account, false, at.object, block->size);
		} else {
			add_raw_block(account, block);
		}
	}
}

/* The C library keeps stacks for the next threads; adjacent mappings may have become one. */
static void add_kept_stacks(struct account *account, size_t index)
{
	struct address_range range = image_mapping(account->image, index)->range;
	struct ended_stacks ended = {0};

	ended_stacks_find(account->image, range, &(struct address_ranges){0}, &ended);
	vector_each (&ended, stack) {
		addr_t start =
			stack->range.start > range.start ? stack->range.start : range.start;
		uint64_t bytes = account_dumped(account, start, stack->range.end - start);

		account_move(account, BUCKET_ANONYMOUS, BUCKET_STACKS, bytes);
		account_take(account, start, bytes);
		account->kept_stacks.bytes += bytes;
		account->kept_stacks.count++;
	}
	account->parts.failed |= ended.failed;
	if (ended.count && !account->uses[index].left)
		account->snapshot->mappings.items[index].kind = "stack";
	vector_release(&ended);
}

static void add_all_kept_stacks(struct account *account)
{
	for (size_t i = 0; i < image_mapping_count(account->image); i++)
		if (account->uses[i].bucket == BUCKET_ANONYMOUS && account->uses[i].left)
			add_kept_stacks(account, i);
}

static bool fill(struct account *account)
{
	account->uses = mapping_uses(account->target);
	if (!account->uses)
		return false;
	for (size_t i = 0; i < image_mapping_count(account->image); i++)
		add_mapping(account, i);
	native_accounts_blocks(account);
	add_arenas(account);
	add_blocks(account);
	add_all_kept_stacks(account);
	native_accounts_rest(account);
	account_parts_of_mappings(account);
	account_report(account);
	return !account->parts.failed;
}

bool accounts_fill(struct target *target, const struct collection *collection,
		   struct snapshot *snapshot, struct error *err)
{
	struct account account = {.target = target,
				  .image = target_image(target),
				  .collection = collection,
				  .snapshot = snapshot};
	bool done = fill(&account);

	free(account.uses);
	vector_release(&account.parts);
	if (!done || snapshot->mappings.failed || snapshot->blocks.failed ||
	    snapshot->pools.failed || snapshot->accounting.failed)
		return error_out_of_memory(err, "accounting for memory");
	return true;
}
