#include "pipeline/verdict.h"

#include "core/bytes.h"
#include "report/format.h"

#include <inttypes.h>
#include <stdlib.h>

#define LEAK_SHARE  8u                  /* one part in that many is a leak worth the name */
#define LEAST_LEAK  ((uint64_t)1 << 20) /* bytes */
#define CHUNK_LINKS 32u                 /* bytes of a free chunk that malloc itself needs */
#define NAMED_TYPES 3
#define SIZE_TEXT   32

static uint64_t bucket_bytes(const struct snapshot *snapshot, const char *name)
{
	vector_each (&snapshot->accounting, row)
		if (!strcmp(row->bucket, name))
			return row->bytes;
	return 0;
}

static uint64_t sum_buckets(const struct snapshot *snapshot, const char *const *names)
{
	uint64_t bytes = 0;

	for (; *names; names++)
		bytes += bucket_bytes(snapshot, *names);
	return bytes;
}

static uint64_t less(uint64_t bytes, uint64_t part)
{
	return bytes - (part < bytes ? part : bytes);
}

static void add_leaks(const struct snapshot *snapshot, struct verdict_figures *figures)
{
	vector_each (&snapshot->leaks, leak) {
		if (leak->grade != GRADE_PROVEN)
			continue;
		figures->leaked += leak->bytes;
		if (leak->kind == LEAK_NATIVE)
			figures->leaked_native += leak->bytes;
	}
}

/* Whole pages within a free chunk, but for its links: what malloc_trim() gives back. */
static uint64_t whole_pages(const struct block_report *block)
{
	addr_t first = page_ceiling(block->address + CHUNK_LINKS);
	addr_t end = (block->address + block->size) & ~(addr_t)(page_ceiling(1) - 1);

	return end > first ? end - first : 0;
}

static uint64_t returnable(const struct collection *collection, const struct snapshot *snapshot)
{
	uint64_t bytes = bucket_bytes(snapshot, "top");

	vector_each (&snapshot->arenas, arena)
		if (arena->report.pools && arena->report.pools == arena->report.free_pools)
			bytes += arena->report.size;
	vector_each (&collection->native_blocks, block)
		if (block->state == BLOCK_FREE && block->place == BLOCK_ORDINARY)
			bytes += whole_pages(block);
	return bytes;
}

struct verdict_figures verdict_figures(const struct collection *collection,
				       const struct snapshot *snapshot)
{
	static const char *const memory[] = {"pymalloc", "native", NULL};
	static const char *const live[] = {"objects in pools", "blocks owned by objects",
					   "objects outside pools", "buffers owned by objects",
					   NULL};
	static const char *const retained[] = {
		"free blocks",        "free pools", "free chunks", "cached chunks",
		"kept in free lists", "top",        NULL};
	static const char *const native[] = {"native blocks", "unexplained", NULL};
	struct verdict_figures figures = {
		.memory = sum_buckets(snapshot, memory),
		.retained = sum_buckets(snapshot, retained),
		.returnable = returnable(collection, snapshot),
	};

	add_leaks(snapshot, &figures);
	figures.live =
		less(sum_buckets(snapshot, live), figures.leaked - figures.leaked_native);
	figures.native = less(sum_buckets(snapshot, native), figures.leaked_native);
	if (figures.returnable > figures.retained)
		figures.returnable = figures.retained;
	return figures;
}

enum verdict verdict_of(const struct verdict_figures *figures)
{
	if (figures->leaked >= LEAST_LEAK && figures->leaked >= figures->memory / LEAK_SHARE)
		return VERDICT_LEAK;
	if (figures->retained > figures->live && figures->retained >= figures->native)
		return VERDICT_RETENTION;
	return figures->native > figures->live ? VERDICT_NATIVE : VERDICT_LIVE;
}

/* A sentence in the making: the arena its texts are in, and the figures as texts. */
struct words {
	struct arena *arena;
	const struct collection *collection;
	const struct snapshot *snapshot;
	const struct verdict_figures *figures;
	char memory[SIZE_TEXT], leaked[SIZE_TEXT], live[SIZE_TEXT], retained[SIZE_TEXT],
		native[SIZE_TEXT], returnable[SIZE_TEXT], pinned[SIZE_TEXT];
};

static void write_figures(struct words *words)
{
	const struct verdict_figures *figures = words->figures;

	format_bytes(figures->memory, words->memory, SIZE_TEXT);
	format_bytes(figures->leaked, words->leaked, SIZE_TEXT);
	format_bytes(figures->live, words->live, SIZE_TEXT);
	format_bytes(figures->retained, words->retained, SIZE_TEXT);
	format_bytes(figures->native, words->native, SIZE_TEXT);
	format_bytes(figures->returnable, words->returnable, SIZE_TEXT);
	format_bytes(figures->retained - figures->returnable, words->pinned, SIZE_TEXT);
}

struct type_sum {
	uint32_t type;
	uint64_t bytes;
};

static int compare_sums(const void *left, const void *right)
{
	const struct type_sum *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->type < b->type ? -1 : a->type > b->type;
}

/* Own bytes by type, the largest first; [types], to be freed.  NULL: none, or no memory. */
static struct type_sum *sum_types(const struct words *words)
{
	const struct graph *graph = words->snapshot->graph;
	size_t count = words->collection->types.count;
	struct type_sum *sums = count ? calloc(count, sizeof(*sums)) : NULL;

	if (!sums)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		sums[i].type = i;
	for (uint32_t i = 0; graph && i < graph->object_count; i++)
		if (graph->type[i] < count)
			sums[graph->type[i]].bytes += graph->size[i] + graph->owned_size[i];
	qsort(sums, count, sizeof(*sums), compare_sums);
	return sums;
}

static const char *name_types(const struct words *words)
{
	struct type_sum *sums = sum_types(words);
	const char *text = "";
	size_t count = words->collection->types.count;

	for (size_t i = 0; sums && text && i < NAMED_TYPES && i < count && sums[i].bytes; i++) {
		char bytes[SIZE_TEXT];

		text = arena_format(words->arena, "%s%s%s %s", text,
				    i ? ", " : "; the largest: ",
				    words->collection->types.items[sums[i].type].name,
				    format_bytes(sums[i].bytes, bytes, sizeof(bytes)));
	}
	free(sums);
	return text ? text : "";
}

static const char *live_sentence(const struct words *words)
{
	return arena_format(
		words->arena,
		"This is a big live heap: %s of %s are objects in use and what they "
		"own%s",
		words->live, words->memory, name_types(words));
}

static const char *retention_sentence(const struct words *words)
{
	uint64_t arenas = 0;

	vector_each (&words->snapshot->arenas, arena)
		arenas +=
			arena->report.pools && arena->report.pools != arena->report.free_pools;
	return arena_format(
		words->arena,
		"This is allocator retention: %s of %s hold nothing; %s can be "
		"returned to the system now, %s only when what pins it is freed (%" PRIu64
		" arenas of small objects have something in them)",
		words->retained, words->memory, words->returnable, words->pinned, arenas);
}

static const char *native_sentence(const struct words *words)
{
	const char *allocator = words->collection->native_allocator;
	char used[SIZE_TEXT], unexplained[SIZE_TEXT];

	format_bytes(bucket_bytes(words->snapshot, "native blocks"), used, sizeof(used));
	format_bytes(bucket_bytes(words->snapshot, "unexplained"), unexplained,
		     sizeof(unexplained));
	return arena_format(
		words->arena,
		"This is native memory: %s of %s belong to no object; %s are blocks "
		"of %s in use by unknown, %s anonymous mappings of no known "
		"allocator",
		words->native, words->memory, used, allocator ? allocator : "malloc",
		unexplained);
}

static const char *leak_sentence(const struct words *words)
{
	uint64_t native = words->figures->leaked_native;
	uint64_t objects = words->figures->leaked - native;
	char bytes[SIZE_TEXT];
	const char *what = native > objects ? "native blocks that nothing refers to"
					    : "objects that nothing in the program can reach";

	return arena_format(
		words->arena, "This is a leak: %s of %s are lost, %s in %s", words->leaked,
		words->memory,
		format_bytes(native > objects ? native : objects, bytes, sizeof(bytes)), what);
}

static const struct {
	const char *(*sentence)(const struct words *words);
	const char *severity, *advice, *query;
} verdicts[] = {
	[VERDICT_LEAK] =
		{leak_sentence, "critical",
		 "see heapsect leaks: what is lost, and why it is thought so",
		 "SELECT kind, grade, count(*) AS leaks, sum(bytes) AS bytes FROM leaks "
		 "GROUP BY kind, grade ORDER BY 4 DESC"},
	[VERDICT_LIVE] =
		{live_sentence, "info",
		 "see heapsect types, and heapsect show for who holds them",
		 "SELECT name, objects, bytes FROM v_types ORDER BY bytes DESC LIMIT 10"},
	[VERDICT_RETENTION] =
		{retention_sentence, "info",
		 "see heapsect pools for what pins the arenas; malloc_trim(0) returns what it "
		 "can",
		 "SELECT bucket, bytes FROM accounting WHERE bucket IN ('free blocks', "
		 "'free pools', 'free chunks', 'cached chunks', 'kept in free lists', 'top')"},
	[VERDICT_NATIVE] =
		{native_sentence, "info",
		 "a C library or extension has it: look at sizes and contents of the blocks",
		 "SELECT size, count(*) AS blocks, sum(size) AS bytes FROM blocks WHERE state "
		 "= "
		 "'used' AND owner_id IS NULL AND allocator <> 'pymalloc' GROUP BY size ORDER "
		 "BY "
		 "3 DESC LIMIT 20"},
};

static uint64_t bytes_of(const struct verdict_figures *figures, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_LEAK:
		return figures->leaked;
	case VERDICT_LIVE:
		return figures->live;
	case VERDICT_RETENTION:
		return figures->retained;
	case VERDICT_NATIVE:
		return figures->native;
	}
	return 0;
}

bool verdict_find(const struct collection *collection, const struct snapshot *snapshot,
		  struct snapshot_finding *ret)
{
	struct verdict_figures figures = verdict_figures(collection, snapshot);
	enum verdict verdict = verdict_of(&figures);
	struct words words = {.arena = collection->arena,
			      .collection = collection,
			      .snapshot = snapshot,
			      .figures = &figures};

	if (!figures.memory)
		return false;
	write_figures(&words);
	*ret = (struct snapshot_finding){
		.kind = "verdict",
		.severity = verdicts[verdict].severity,
		.title = verdicts[verdict].sentence(&words),
		.bytes = bytes_of(&figures, verdict),
		.evidence = arena_format(collection->arena,
					 "of %s of heap memory %s live, %s retained by "
					 "allocators, %s native, %s leaked",
					 words.memory, words.live, words.retained, words.native,
					 words.leaked),
		.advice = verdicts[verdict].advice,
		.query = verdicts[verdict].query,
	};
	return ret->title && ret->evidence;
}
