#include "pipeline/account_parts.h"

#include "pipeline/private_memory.h"

#include "pipeline/mapping_uses.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_PARTS  16  /* of a bucket that is divided by files or mappings */
#define SMALL_SHARE 200 /* what is less than one in that many of the bucket is in its rest */

static const struct {
	const char *name, *rest;
} buckets[BUCKET_COUNT] = {
	[BUCKET_OBJECTS] = {"objects in pools", NULL},
	[BUCKET_OWNED] = {"blocks owned by objects", NULL},
	[BUCKET_CACHED] = {"kept in free lists", NULL},
	[BUCKET_UNKNOWN] = {"blocks of unknown use", NULL},
	[BUCKET_FREE_BLOCKS] = {"free blocks", NULL},
	[BUCKET_FREE_POOLS] = {"free pools", NULL},
	[BUCKET_OVERHEAD] = {"pool headers and rests", NULL},
	[BUCKET_NATIVE_OBJECTS] = {"objects outside pools", NULL},
	[BUCKET_NATIVE_OWNED] = {"buffers owned by objects", NULL},
	[BUCKET_NATIVE_USED] = {"native blocks", NULL},
	[BUCKET_NATIVE_FREE] = {"free chunks", NULL},
	[BUCKET_NATIVE_CACHED] = {"cached chunks", NULL},
	[BUCKET_NATIVE_TOP] = {"top", NULL},
	[BUCKET_NATIVE_HEADERS] = {"chunk headers", NULL},
	[BUCKET_ANONYMOUS] = {"unexplained", "unexplained elsewhere"},
	[BUCKET_STACKS] = {"thread stacks", NULL},
	[BUCKET_TLS] = {"thread-local storage", NULL},
	[BUCKET_LINKER] = {"dynamic linker", NULL},
	[BUCKET_TRAMPOLINES] = {"trampolines", NULL},
	[BUCKET_DATA] = {"data of modules", "data of other modules"},
	[BUCKET_CODE] = {"code of modules", "code of other modules"},
	[BUCKET_FILES] = {"other files", "smaller files"},
	[BUCKET_RESERVED] = {"reserved address space", NULL},
	[BUCKET_KERNEL] = {"pages of the kernel", NULL},
};

static const struct {
	const char *name;
	enum bucket first, end;
} groups[] = {
	{"pymalloc", BUCKET_OBJECTS, BUCKET_NATIVE_OBJECTS},
	{"native", BUCKET_NATIVE_OBJECTS, BUCKET_STACKS},
	{"mapped", BUCKET_STACKS, BUCKET_COUNT},
};

/* clang-format off */
static const char *const object_parts[2][CATEGORY_COUNT] = {
	{
		[CATEGORY_CONTAINERS] = "containers in pools",
		[CATEGORY_TEXT] = "text and bytes in pools",
		[CATEGORY_NUMBERS] = "numbers in pools",
		[CATEGORY_CODE] = "code and functions in pools",
		[CATEGORY_TYPES] = "classes and modules in pools",
		[CATEGORY_INSTANCES] = "instances in pools",
		[CATEGORY_OTHER] = "other objects in pools",
	}, {
		[CATEGORY_CONTAINERS] = "containers outside pools",
		[CATEGORY_TEXT] = "text and bytes outside pools",
		[CATEGORY_NUMBERS] = "numbers outside pools",
		[CATEGORY_CODE] = "code and functions outside pools",
		[CATEGORY_TYPES] = "classes and modules outside pools",
		[CATEGORY_INSTANCES] = "instances outside pools",
		[CATEGORY_OTHER] = "other objects outside pools",
	},
};

static const char *const raw_parts[2][RAW_COUNT] = {
	{
		[RAW_KEYS] = "dict keys in pools",
		[RAW_ITEMS] = "list items in pools",
		[RAW_SETS] = "set tables in pools",
		[RAW_VALUES] = "instance values in pools",
		[RAW_BUFFERS] = "buffers in pools",
		[RAW_STACKS] = "frame stacks in pools",
		[RAW_STRUCTS] = "C structs in pools",
		[RAW_PRIVATE] = "private memory in pools",
		[RAW_RUNTIME] = "the runtime's own in pools",
	}, {
		[RAW_KEYS] = "dict keys outside pools",
		[RAW_ITEMS] = "list items outside pools",
		[RAW_SETS] = "set tables outside pools",
		[RAW_VALUES] = "instance values outside pools",
		[RAW_BUFFERS] = "buffers outside pools",
		[RAW_STACKS] = "frame stacks",
		[RAW_STRUCTS] = "C structs outside pools",
		[RAW_PRIVATE] = "private memory outside pools",
		[RAW_RUNTIME] = "the runtime's own outside pools",
	},
};
/* clang-format on */

/* Kinds of claims that are no C struct. */
static const struct {
	const char *kind;
	enum raw_use use;
} raw_uses[] = {
	{"dict-keys", RAW_KEYS},         {"list-items", RAW_ITEMS},
	{"deque-block", RAW_ITEMS},      {"set-table", RAW_SETS},
	{"instance-values", RAW_VALUES}, {"dict-values", RAW_VALUES},
	{"buffer", RAW_BUFFERS},         {"bytearray", RAW_BUFFERS},
	{"str-data", RAW_BUFFERS},       {"str-utf8", RAW_BUFFERS},
	{"str-wstr", RAW_BUFFERS},       {"data-stack", RAW_STACKS},
	{KIND_PRIVATE, RAW_PRIVATE},
};

static void add_to(struct account_sum *sum, uint64_t bytes)
{
	sum->bytes += bytes;
	sum->count++;
}

void account_object_part(struct account *account, bool outside, uint32_t object, uint64_t bytes)
{
	uint32_t type = account->snapshot->graph->type[object];
	enum object_category category =
		type < account->collection->types.count
			? account->collection->types.items[type].category
			: CATEGORY_OTHER;

	add_to(&account->objects[outside][category], bytes);
}

void account_raw_part(struct account *account, bool outside, const struct claim_report *claim,
		      uint64_t bytes)
{
	enum raw_use use = claim->owner ? RAW_STRUCTS : RAW_RUNTIME;

	for (size_t i = 0; i < ARRAY_COUNT(raw_uses); i++)
		if (!strcmp(raw_uses[i].kind, claim->kind))
			use = raw_uses[i].use;
	add_to(&account->raw[outside][use], bytes);
}

static void add_part(struct account *account, enum bucket bucket, const char *name,
		     struct account_sum sum)
{
	struct account_part part = {bucket, name, NULL, sum.bytes, sum.count};

	if (sum.bytes)
		vector_push(&account->parts, part);
}

static void add_stacks(struct account *account)
{
	struct account_sum used = {0}, unused = {0};

	for (size_t i = 0; i < image_mapping_count(account->image); i++) {
		struct address_range range = image_mapping(account->image, i)->range;
		addr_t from;

		if (account->uses[i].bucket != BUCKET_STACKS)
			continue;
		from = stack_in_use(account->image, range);
		add_to(&used, account_dumped(account, from, range.end - from));
		add_to(&unused, account_dumped(account, range.start, from - range.start));
	}
	add_part(account, BUCKET_STACKS, "stacks in use", used);
	add_part(account, BUCKET_STACKS, "unused part of stacks", unused);
	add_part(account, BUCKET_STACKS, "stacks kept for new threads", account->kept_stacks);
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Mappings of one file follow each other closely, but not without others between them. */
static struct account_part *part_of_file(struct account *account, enum bucket bucket,
					 const char *path)
{
	struct arena *arena = account->collection->arena;
	const char *prefix = bucket == BUCKET_DATA   ? "data of "
			     : bucket == BUCKET_CODE ? "code of "
						     : "";
	const char *full = arena_format(arena, "%s%s", prefix, path);
	struct account_part part = {
		bucket, arena_format(arena, "%s%s", prefix, file_name(path)), full, 0, 0};

	vector_each (&account->parts, known)
		if (full && known->bucket == bucket && known->other_name &&
		    !strcmp(known->other_name, full))
			return known;
	if (!full || !part.name || !vector_push(&account->parts, part))
		return NULL;
	return &account->parts.items[account->parts.count - 1];
}

/* bss is an anonymous mapping behind its file's. */
static const char *path_of(const struct account *account, const struct image_mapping *mapping)
{
	const struct image_file *file = image_file_at(account->image, mapping->range.start);

	return mapping->path[0] ? mapping->path : file ? file->path : "";
}

static void add_files(struct account *account)
{
	for (size_t i = 0; i < image_mapping_count(account->image); i++) {
		const struct image_mapping *mapping = image_mapping(account->image, i);
		enum bucket bucket = account->uses[i].bucket;
		struct account_part *part;

		if ((bucket != BUCKET_DATA && bucket != BUCKET_CODE &&
		     bucket != BUCKET_FILES) ||
		    !mapping->dumped || !path_of(account, mapping)[0])
			continue;
		part = part_of_file(account, bucket, path_of(account, mapping));
		if (part) {
			part->bytes += mapping->dumped;
			part->count++;
		}
	}
}

static void add_unexplained(struct account *account)
{
	for (size_t i = 0; i < image_mapping_count(account->image); i++) {
		const char *name;

		if (account->uses[i].bucket != BUCKET_ANONYMOUS || !account->uses[i].left)
			continue;
		name = arena_format(account->collection->arena, "unexplained at 0x%" PRIx64,
				    image_mapping(account->image, i)->range.start);
		add_part(account, BUCKET_ANONYMOUS, name,
			 (struct account_sum){account->uses[i].left, 1});
	}
}

void account_parts_of_mappings(struct account *account)
{
	for (int outside = 0; outside < 2; outside++) {
		for (int i = 0; i < CATEGORY_COUNT; i++)
			add_part(account, outside ? BUCKET_NATIVE_OBJECTS : BUCKET_OBJECTS,
				 object_parts[outside][i], account->objects[outside][i]);
		for (int i = 0; i < RAW_COUNT; i++)
			add_part(account, outside ? BUCKET_NATIVE_OWNED : BUCKET_OWNED,
				 raw_parts[outside][i], account->raw[outside][i]);
	}
	add_stacks(account);
	add_files(account);
	add_unexplained(account);
}

static int compare_parts(const void *left, const void *right)
{
	const struct account_part *a = left, *b = right;

	if (a->bucket != b->bucket)
		return a->bucket < b->bucket ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return strcmp(a->name, b->name);
}

static bool is_taken(const struct account *account, const char *name)
{
	vector_each (&account->snapshot->accounting, row)
		if (!strcmp(row->bucket, name))
			return true;
	return false;
}

static void add_row(struct account *account, const char *name, const char *parent,
		    struct account_sum sum)
{
	vector_push(&account->snapshot->accounting,
		    ((struct snapshot_bucket){name, parent, sum.bytes, sum.count}));
}

/* Parts that are too many, too small or of a taken name stay in the rest. */
static void report_parts(struct account *account, enum bucket bucket)
{
	struct account_sum rest = account->sums[bucket];
	const char *name = buckets[bucket].name;
	uint64_t least = buckets[bucket].rest ? rest.bytes / SMALL_SHARE : 0;
	size_t rows = 0;

	vector_each (&account->parts, part) {
		const char *own =
			part->name && part->other_name && is_taken(account, part->name)
				? part->other_name
				: part->name;

		if (part->bucket != bucket || rows == MOST_PARTS || part->bytes < least ||
		    part->bytes > rest.bytes || !own || is_taken(account, own))
			continue;
		add_row(account, own, name, (struct account_sum){part->bytes, part->count});
		rest.bytes -= part->bytes;
		rest.count -= part->count < rest.count ? part->count : rest.count;
		rows++;
	}
	if (rows && rest.bytes)
		add_row(account,
			buckets[bucket].rest
				? buckets[bucket].rest
				: arena_format(account->collection->arena, "rest of %s", name),
			name, rest);
}

void account_report(struct account *account)
{
	if (account->parts.count)
		qsort(account->parts.items, account->parts.count, sizeof(*account->parts.items),
		      compare_parts);
	add_row(account, "dump", "",
		(struct account_sum){image_dumped_bytes(account->image),
				     image_mapping_count(account->image)});
	for (size_t g = 0; g < ARRAY_COUNT(groups); g++) {
		struct account_sum sum = {0};

		for (enum bucket b = groups[g].first; b < groups[g].end; b++) {
			sum.bytes += account->sums[b].bytes;
			sum.count += account->sums[b].count;
		}
		add_row(account, groups[g].name, "dump", sum);
		for (enum bucket b = groups[g].first; b < groups[g].end; b++)
			add_row(account, buckets[b].name, groups[g].name, account->sums[b]);
	}
	for (enum bucket b = 0; b < BUCKET_COUNT; b++)
		report_parts(account, b);
}
