#include "pipeline/native_accounts.h"

#include "pipeline/block_cursor.h"

#define MAPPED_HEADER 16u /* bytes before a block with a mapping of its own */

static enum bucket bucket_of_block(const struct block_report *block)
{
	if (block->place == BLOCK_TOP)
		return BUCKET_NATIVE_TOP;
	return block->state == BLOCK_USED   ? BUCKET_NATIVE_USED
	       : block->state == BLOCK_FREE ? BUCKET_NATIVE_FREE
					    : BUCKET_NATIVE_CACHED;
}

bool account_bucket_at(const struct account *account, addr_t address, enum bucket *ret)
{
	const struct block_report *block =
		collection_native_block_at(account->collection, address);
	const struct mapping_use *use;

	if (block) {
		*ret = bucket_of_block(block);
		return true;
	}
	if (collection_native_arena_at(account->collection, address)) {
		*ret = BUCKET_NATIVE_HEADERS;
		return true;
	}
	use = account_use_at(account, address);
	if (use)
		*ret = use->bucket;
	return use;
}

/* Everything of a region is header until a block claims it. */
static void take_from_mapping(struct account *account, addr_t address, uint64_t size)
{
	const struct mapping_use *use = account_use_at(account, address);
	uint64_t bytes = account_dumped(account, address, size);

	if (!use)
		return;
	account_move(account, use->bucket, BUCKET_NATIVE_HEADERS, bytes);
	account_take(account, address, bytes);
}

/* The unused part of a block says nothing of the block. */
static bool is_unused_part(const struct claim_report *claim, const struct block_report *block)
{
	return claim->cached && claim->address != block->address;
}

/* A block goes to what is in it, its rounding included; one with an arena is taken apart later.
 */
static enum bucket use_of(struct account *account, struct block_cursor *at,
			  const struct block_report *block)
{
	struct snapshot_block row = {.address = block->address,
				     .size = block->size,
				     .allocator = account->collection->native_allocator,
				     .state = BLOCK_USED,
				     .owner = OBJECT_NONE,
				     .kind = ""};
	const struct claim_report *claim;

	if (block_has_arena(at, account->collection, block))
		return BUCKET_NATIVE_USED;
	if (block_has_object(at, account->snapshot->graph, block)) {
		account_object_part(account, true, at->object, block->size);
		return BUCKET_NATIVE_OBJECTS;
	}
	claim = collection_claim_of(account->collection, block);
	if (claim) {
		account_raw_part(account, true, claim, block->size);
		return BUCKET_NATIVE_OWNED;
	}
	vector_push(&account->snapshot->blocks, row);
	return BUCKET_NATIVE_USED;
}

static void add_block(struct account *account, struct block_cursor *at,
		      const struct block_report *block)
{
	enum bucket bucket = block->state == BLOCK_USED ? use_of(account, at, block)
							: bucket_of_block(block);

	if (block->place == BLOCK_MAPPED)
		take_from_mapping(account, block->address - MAPPED_HEADER,
				  block->size + MAPPED_HEADER);
	account_move(account, BUCKET_NATIVE_HEADERS, bucket,
		     account_dumped(account, block->address, block->size));
}

void native_accounts_blocks(struct account *account)
{
	const struct collection *collection = account->collection;
	struct block_cursor at = {0};

	for (size_t i = 0; i < collection->native_arenas; i++)
		take_from_mapping(account, collection->arenas.items[i].report.address,
				  collection->arenas.items[i].report.size);
	vector_each (&collection->native_blocks, block)
		add_block(account, &at, block);
	/* One for each block, and none for a region as a whole. */
	account->sums[BUCKET_NATIVE_HEADERS].count = collection->native_blocks.count;
}

/* Memory that nobody explains yet, and that an allocator we do not know may have. */
static bool is_stray(const struct account *account, addr_t address)
{
	enum bucket bucket;

	return !collection_arena_at(account->collection, address) &&
	       account_bucket_at(account, address, &bucket) && bucket == BUCKET_ANONYMOUS;
}

static void add_stray_objects(struct account *account)
{
	const struct graph *graph = account->snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint64_t bytes;

		if (graph->flags[i] & OBJECT_STATIC || !is_stray(account, graph->address[i]))
			continue;
		bytes = account_dumped(account, graph->address[i], graph->size[i]);
		account_move(account, BUCKET_ANONYMOUS, BUCKET_NATIVE_OBJECTS, bytes);
		account_object_part(account, true, i, bytes);
		account_take(account, graph->address[i], bytes);
	}
}

static void add_claim_row(struct account *account, const struct claim_report *claim,
			  const struct block_report *block)
{
	struct snapshot_block row = {
		.address = claim->address,
		.size = claim->size,
		.allocator = block ? account->collection->native_allocator : "malloc",
		.state = claim->cached ? BLOCK_CACHED
			 : block       ? block->state
				       : BLOCK_USED,
		.owner = graph_find_object(account->snapshot->graph, claim->owner),
		.kind = claim->kind,
	};

	vector_push(&account->snapshot->blocks, row);
}

static void add_stray_claim(struct account *account, const struct claim_report *claim)
{
	uint64_t bytes = account_dumped(account, claim->address, claim->size);

	account_move(account, BUCKET_ANONYMOUS, BUCKET_NATIVE_OWNED, bytes);
	account_raw_part(account, true, claim, bytes);
	account_take(account, claim->address, bytes);
}

static void add_claims(struct account *account)
{
	const struct claim_report *last = NULL;

	vector_each (&account->collection->claims, claim) {
		const struct block_report *block =
			collection_native_block_at(account->collection, claim->address);

		if (collection_arena_at(account->collection, claim->address) ||
		    (!block && !is_stray(account, claim->address)) ||
		    (block && is_unused_part(claim, block)) ||
		    (last && claim->address < last->address + last->size))
			continue;
		last = claim;
		add_claim_row(account, claim, block);
		if (!block)
			add_stray_claim(account, claim);
	}
}

void native_accounts_rest(struct account *account)
{
	add_stray_objects(account);
	add_claims(account);
}
