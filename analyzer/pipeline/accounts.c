#include "pipeline/accounts.h"

#include "core/bytes.h"
#include "pipeline/account.h"
#include "pipeline/native_accounts.h"

static const struct {
	const char *name, *parent;
} buckets[BUCKET_COUNT] = {
	[BUCKET_OBJECTS] = {"objects in pools", "pymalloc"},
	[BUCKET_OWNED] = {"blocks owned by objects", "pymalloc"},
	[BUCKET_CACHED] = {"kept in free lists", "pymalloc"},
	[BUCKET_UNKNOWN] = {"blocks of unknown use", "pymalloc"},
	[BUCKET_FREE_BLOCKS] = {"free blocks", "pymalloc"},
	[BUCKET_FREE_POOLS] = {"free pools", "pymalloc"},
	[BUCKET_OVERHEAD] = {"pool headers and rests", "pymalloc"},
	[BUCKET_NATIVE_OBJECTS] = {"objects outside pools", "native"},
	[BUCKET_NATIVE_OWNED] = {"buffers owned by objects", "native"},
	[BUCKET_NATIVE_USED] = {"native blocks", "native"},
	[BUCKET_NATIVE_FREE] = {"free chunks", "native"},
	[BUCKET_NATIVE_CACHED] = {"cached chunks", "native"},
	[BUCKET_NATIVE_TOP] = {"top", "native"},
	[BUCKET_NATIVE_HEADERS] = {"chunk headers", "native"},
	[BUCKET_ANONYMOUS] = {"unexplained", "native"},
	[BUCKET_STACKS] = {"thread stacks", "mapped"},
	[BUCKET_DATA] = {"data of modules", "mapped"},
	[BUCKET_CODE] = {"code of modules", "mapped"},
	[BUCKET_FILES] = {"other files", "mapped"},
};

static const struct {
	const char *name;
	enum bucket first, end;
} groups[] = {
	{"pymalloc", BUCKET_OBJECTS, BUCKET_NATIVE_OBJECTS},
	{"native", BUCKET_NATIVE_OBJECTS, BUCKET_STACKS},
	{"mapped", BUCKET_STACKS, BUCKET_COUNT},
};

void account_move(struct account *account, enum bucket from, enum bucket to, uint64_t bytes)
{
	if (bytes > account->bytes[from])
		bytes = account->bytes[from];
	account->bytes[from] -= bytes;
	account->bytes[to] += bytes;
	account->count[to]++;
}

uint64_t account_dumped(struct account *account, addr_t address, uint64_t size)
{
	uint64_t dumped = 0;

	while (size) {
		const struct image_segment *segment = account->segment;
		uint64_t part;

		if (!segment || address - segment->start >= segment->size)
			segment = image_segment_at(account->image, address);
		part = segment ? segment->size - (address - segment->start)
			       : page_ceiling(address + 1) - address;
		if (part > size)
			part = size;
		if (segment) {
			dumped += part;
			account->segment = segment;
		}
		address += part;
		size -= part;
	}
	return dumped;
}

static const char *perms_of(const struct image_mapping *mapping)
{
	static const char *const perms[] = {"---", "--x", "-w-", "-wx",
					    "r--", "r-x", "rw-", "rwx"};

	return perms[mapping->readable * 4 + mapping->writable * 2 + mapping->executable];
}

static bool has_stack_pointer(const struct image *image, struct address_range range)
{
	for (size_t i = 0; i < image_thread_count(image); i++)
		if (range_has(range, image_thread(image, i)->registers[REGISTER_RSP]))
			return true;
	return false;
}

const char *account_kind(const struct account *account, const struct image_mapping *mapping,
			 enum bucket *ret_bucket)
{
	*ret_bucket = BUCKET_FILES;
	if (has_stack_pointer(account->image, mapping->range)) {
		*ret_bucket = BUCKET_STACKS;
		return "stack";
	}
	if (mapping->executable) {
		*ret_bucket = BUCKET_CODE;
		return "code";
	}
	if (image_file_at(account->image, mapping->range.start) &&
	    image_file_at(account->image, mapping->range.start)->binary) {
		*ret_bucket = BUCKET_DATA;
		return "data";
	}
	if (mapping->path[0] && mapping->path[0] != '[')
		return "file";
	if (!mapping->writable) {
		*ret_bucket = BUCKET_FILES;
		return "reserved";
	}
	*ret_bucket = BUCKET_ANONYMOUS;
	return "anonymous";
}

static void add_mapping(struct account *account, const struct image_mapping *mapping)
{
	const struct image_file *file = image_file_at(account->image, mapping->range.start);
	char build_id[2 * BUILD_ID_MAX + 1] = "";
	enum bucket bucket;
	struct snapshot_mapping row = {
		.range = mapping->range,
		.perms = perms_of(mapping),
		.path = mapping->path,
		.kind = account_kind(account, mapping, &bucket),
		.file_offset = mapping->file_offset,
		.dumped = mapping->dumped,
	};

	if (file && file->binary)
		build_id_format(binary_build_id(file->binary), build_id);
	row.build_id = arena_string(account->collection->arena, build_id);
	vector_push(&account->snapshot->mappings, row);
	account->bytes[bucket] += mapping->dumped;
	account->count[bucket]++;
}

/* All of a small-object arena is free until a pool claims it. */
static void add_arena(struct account *account, const struct arena_report *arena)
{
	enum bucket bucket;

	if (account_bucket_at(account, arena->address, &bucket))
		account_move(account, bucket, BUCKET_FREE_POOLS,
			     account_dumped(account, arena->address, arena->size));
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
	account->count[BUCKET_FREE_BLOCKS] += unused;
	account->count[BUCKET_FREE_BLOCKS]--; /* it counted the move */
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
	account->count[BUCKET_FREE_POOLS] = free_pools;
}

uint32_t account_object(const struct account *account, addr_t address)
{
	const struct graph *graph = account->snapshot->graph;
	uint32_t object = address ? graph_object_at(graph, address) : OBJECT_NONE;

	return object != OBJECT_NONE && graph->address[object] == address ? object
									  : OBJECT_NONE;
}

static void add_raw_block(struct account *account, const struct block_report *block)
{
	const struct claim_report *claim =
		collection_claim_at(account->collection, block->address);
	struct snapshot_block row = {.address = block->address,
				     .size = block->size,
				     .allocator = "pymalloc",
				     .state = block->state,
				     .owner = OBJECT_NONE,
				     .kind = ""};

	if (claim) {
		row.owner = account_object(account, claim->owner);
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
}

/* Blocks and objects both ascend: one pass over both tells which block has an object in it. */
static void add_blocks(struct account *account)
{
	const struct graph *graph = account->snapshot->graph;
	uint32_t object = 0;

	vector_each (&account->collection->blocks, block) {
		while (object < graph->object_count && graph->address[object] < block->address)
			object++;
		if (object < graph->object_count &&
		    graph->address[object] < block->address + block->size)
			account_move(account, BUCKET_FREE_POOLS, BUCKET_OBJECTS, block->size);
		else
			add_raw_block(account, block);
	}
}

static void add_bucket(struct account *account, const char *name, const char *parent,
		       uint64_t bytes, uint64_t count)
{
	vector_push(&account->snapshot->accounting,
		    ((struct snapshot_bucket){name, parent, bytes, count}));
}

static void report_buckets(struct account *account)
{
	add_bucket(account, "dump", "", image_dumped_bytes(account->image),
		   image_mapping_count(account->image));
	for (size_t g = 0; g < ARRAY_COUNT(groups); g++) {
		uint64_t bytes = 0, count = 0;

		for (enum bucket b = groups[g].first; b < groups[g].end; b++) {
			bytes += account->bytes[b];
			count += account->count[b];
		}
		add_bucket(account, groups[g].name, "dump", bytes, count);
		for (enum bucket b = groups[g].first; b < groups[g].end; b++)
			add_bucket(account, buckets[b].name, groups[g].name, account->bytes[b],
				   account->count[b]);
	}
}

bool accounts_fill(const struct target *target, const struct collection *collection,
		   struct snapshot *snapshot, struct error *err)
{
	struct account account = {.target = target,
				  .image = target_image(target),
				  .collection = collection,
				  .snapshot = snapshot};

	for (size_t i = 0; i < image_mapping_count(account.image); i++)
		add_mapping(&account, image_mapping(account.image, i));
	native_accounts_blocks(&account);
	add_arenas(&account);
	add_blocks(&account);
	native_accounts_rest(&account);
	report_buckets(&account);
	if (snapshot->mappings.failed || snapshot->blocks.failed || snapshot->pools.failed)
		return error_out_of_memory(err, "accounting for memory");
	return true;
}
