#include "pipeline/accounts.h"

#include <stdlib.h>

/* The leaves, in the order they are shown. */
enum bucket {
	BUCKET_OBJECTS, BUCKET_OWNED, BUCKET_CACHED, BUCKET_UNKNOWN, BUCKET_FREE_BLOCKS,
	BUCKET_FREE_POOLS, BUCKET_OVERHEAD,
	BUCKET_NATIVE_OBJECTS, BUCKET_NATIVE_OWNED, BUCKET_ANONYMOUS,
	BUCKET_STACKS, BUCKET_DATA, BUCKET_CODE, BUCKET_FILES,
	BUCKET_COUNT
};

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

struct account {
	const struct target *target;
	const struct image *image;
	const struct collection *collection;
	struct snapshot *snapshot;
	uint64_t bytes[BUCKET_COUNT], count[BUCKET_COUNT];
};

static void add(struct account *account, enum bucket bucket, uint64_t bytes)
{
	account->bytes[bucket] += bytes;
	account->count[bucket]++;
}

static const char *perms_of(const struct image_mapping *mapping)
{
	static const char *const perms[] = {"---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"};

	return perms[mapping->readable * 4 + mapping->writable * 2 + mapping->executable];
}

static bool has_stack_pointer(const struct image *image, struct address_range range)
{
	for (size_t i = 0; i < image_thread_count(image); i++)
		if (range_has(range, image_thread(image, i)->registers[REGISTER_RSP]))
			return true;
	return false;
}

/* mappings.kind, and the bucket of what no allocator claims in it. */
static const char *kind_of(const struct account *account, const struct image_mapping *mapping,
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
		.range = mapping->range, .perms = perms_of(mapping), .path = mapping->path,
		.kind = kind_of(account, mapping, &bucket), .file_offset = mapping->file_offset,
		.dumped = mapping->dumped,
	};

	if (file && file->binary)
		build_id_format(binary_build_id(file->binary), build_id);
	row.build_id = arena_string(account->collection->arena, build_id);
	vector_push(&account->snapshot->mappings, row);
	add(account, bucket, mapping->dumped);
}

/* Bytes that were counted with their mapping and that an inner claim takes out of it. */
static void claim_from_mapping(struct account *account, addr_t address, uint64_t bytes)
{
	const struct image_mapping *mapping = image_mapping_at(account->image, address);
	enum bucket bucket;

	if (!mapping)
		return;
	kind_of(account, mapping, &bucket);
	account->bytes[bucket] -= bytes < account->bytes[bucket] ? bytes : account->bytes[bucket];
}

static void add_arenas(struct account *account)
{
	const struct collection *collection = account->collection;
	uint64_t covered = 0, total = 0;

	vector_each(&collection->arenas, arena) {
		struct snapshot_arena row = {arena->allocator, arena->report};

		vector_push(&account->snapshot->arenas, row);
		claim_from_mapping(account, arena->report.address, arena->report.size);
		total += arena->report.size;
	}
	vector_each(&collection->pools, pool) {
		struct snapshot_pool row = {pool->arena, pool->report};
		uint64_t blocks = (uint64_t)pool->report.capacity * pool->report.block_size;

		vector_push(&account->snapshot->pools, row);
		covered += pool->report.size;
		if (!pool->report.block_size) {
			add(account, BUCKET_FREE_POOLS, pool->report.size);
			continue;
		}
		add(account, BUCKET_OVERHEAD, pool->report.size - blocks);
		account->bytes[BUCKET_FREE_BLOCKS] +=
			(uint64_t)(pool->report.capacity - pool->report.used) *
			pool->report.block_size;
		account->count[BUCKET_FREE_BLOCKS] += pool->report.capacity - pool->report.used;
	}
	add(account, BUCKET_FREE_POOLS, total - covered); /* never carved */
}

static uint32_t object_numbered(const struct graph *graph, addr_t address)
{
	uint32_t object = address ? graph_object_at(graph, address) : OBJECT_NONE;

	return object != OBJECT_NONE && graph->address[object] == address ? object : OBJECT_NONE;
}

static void add_raw_block(struct account *account, const struct block_report *block)
{
	const struct claim_report *claim = collection_claim_at(account->collection, block->address);
	struct snapshot_block row = {.address = block->address, .size = block->size,
				     .allocator = "pymalloc", .state = block->state,
				     .owner = OBJECT_NONE, .kind = ""};

	if (claim) {
		row.owner = object_numbered(account->snapshot->graph, claim->owner);
		row.kind = claim->kind;
		if (claim->cached)
			row.state = BLOCK_CACHED;
	}
	vector_push(&account->snapshot->blocks, row);
	add(account, !claim ? BUCKET_UNKNOWN : claim->cached ? BUCKET_CACHED : BUCKET_OWNED,
	    block->size);
}

/* Blocks and objects both ascend: one pass over both tells which block has an object in it. */
static void add_blocks(struct account *account)
{
	const struct graph *graph = account->snapshot->graph;
	uint32_t object = 0;

	vector_each(&account->collection->blocks, block) {
		while (object < graph->object_count && graph->address[object] < block->address)
			object++;
		if (object < graph->object_count &&
		    graph->address[object] < block->address + block->size)
			add(account, BUCKET_OBJECTS, block->size);
		else
			add_raw_block(account, block);
	}
}

static bool is_native(const struct account *account, addr_t address)
{
	const struct image_mapping *mapping = image_mapping_at(account->image, address);
	enum bucket bucket;

	if (!mapping || collection_arena_at(account->collection, address))
		return false;
	kind_of(account, mapping, &bucket);
	return bucket == BUCKET_ANONYMOUS;
}

static void add_native_objects(struct account *account)
{
	const struct graph *graph = account->snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		if (graph->flags[i] & OBJECT_STATIC || !is_native(account, graph->address[i]))
			continue;
		add(account, BUCKET_NATIVE_OBJECTS, graph->size[i]);
		claim_from_mapping(account, graph->address[i], graph->size[i]);
	}
}

static void add_native_claims(struct account *account)
{
	const struct claim_report *last = NULL;

	vector_each(&account->collection->claims, claim) {
		struct snapshot_block row = {.address = claim->address, .size = claim->size,
					     .allocator = "malloc", .state = BLOCK_USED,
					     .kind = claim->kind};

		if (!is_native(account, claim->address) ||
		    (last && claim->address < last->address + last->size))
			continue;
		last = claim;
		row.owner = object_numbered(account->snapshot->graph, claim->owner);
		vector_push(&account->snapshot->blocks, row);
		add(account, BUCKET_NATIVE_OWNED, claim->size);
		claim_from_mapping(account, claim->address, claim->size);
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
	struct account account = {.target = target, .image = target_image(target),
				  .collection = collection, .snapshot = snapshot};

	for (size_t i = 0; i < image_mapping_count(account.image); i++)
		add_mapping(&account, image_mapping(account.image, i));
	add_arenas(&account);
	add_blocks(&account);
	add_native_objects(&account);
	add_native_claims(&account);
	report_buckets(&account);
	if (snapshot->mappings.failed || snapshot->blocks.failed || snapshot->pools.failed)
		return error_out_of_memory(err, "accounting for memory");
	return true;
}
