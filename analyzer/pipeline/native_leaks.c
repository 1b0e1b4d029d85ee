/*
 * A row is a head: a block that nothing leads to, or a possible one that an interior pointer
 * leads to.  Of very many, those of one fingerprint share a row, so that a leak of millions of
 * blocks takes no more memory than one of a thousand.
 */
#include "pipeline/native_leaks.h"

#include "base/search.h"
#include "core/bytes.h"
#include "pipeline/block_text.h"
#include "pipeline/cycles.h"
#include "pipeline/lost_sizes.h"
#include "pipeline/native_memory.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_ROWS   100000u /* above, a row is all blocks of a fingerprint */
#define FIRST_WORDS 4u      /* of a block that may tell what it is */

struct native_head {
	uint32_t block; /* of the memory's */
	uint32_t row;   /* of snapshot->blocks, or OBJECT_NONE */
	bool is_text, is_possible;
	uint64_t fingerprint;
	uint64_t of_size;       /* bytes, where nothing but that tells what it is; else 0 */
	uint64_t blocks, bytes; /* that go with it, itself included */
	uint32_t heads;         /* that share its row */
};

struct finder {
	const struct target *target;
	const struct collection *collection;
	struct snapshot *snapshot;
	struct native_memory memory;
	struct native_reach reach;
	bool partial;
	struct native_head *heads;
	uint32_t count; /* of heads */
};

static const struct native_block *block_of(const struct finder *finder,
					   const struct native_head *head)
{
	return &finder->memory.blocks.items[head->block];
}

static bool find_symbol(const struct binary *binary, addr_t address, struct binary_symbol *ret)
{
	if (!binary || !binary_symbol_at(binary, address, ret) || ret->is_thread_local)
		return false;
	return ret->address == address ||
	       (!ret->is_function && address - ret->address < ret->size);
}

/*
 * A function or a variable of a module, as `name` or `name+16`; by what debug info is read.  The
 * module; NULL if it is none.
 */
static const struct module *name_word(const struct finder *finder, addr_t word, char *ret,
				      size_t size)
{
	const struct module *module = target_module_at(finder->target, word);
	struct binary_symbol symbol;
	addr_t linked;

	if (!module)
		return NULL;
	linked = word - module->bias;
	if (!find_symbol(module->binary, linked, &symbol) &&
	    !(module->debug && find_symbol(debug_info_binary(module->debug), linked, &symbol)))
		return NULL;
	if (linked == symbol.address)
		snprintf(ret, size, "%s", symbol.name);
	else
		snprintf(ret, size, "%s+%" PRIu64, symbol.name, linked - symbol.address);
	return module;
}

/* The first of a block's first words that is the address of a symbol; "" and NULL if none is. */
static const struct module *name_block(struct finder *finder, const struct native_block *block,
				       char *ret, size_t size)
{
	uint64_t room = block->size < FIRST_WORDS * 8 ? block->size : FIRST_WORDS * 8;
	const uint8_t *bytes =
		image_view(finder->memory.image, block->address, room, &finder->memory.hint);

	const struct module *module = NULL;

	*ret = '\0';
	for (uint64_t at = 0; bytes && !module && at + 8 <= room; at += 8)
		module = name_word(finder, load_u64(bytes + at), ret, size);
	return module;
}

static bool holds_text(struct finder *finder, const struct native_block *block)
{
	const uint8_t *bytes = image_view(finder->memory.image, block->address, block->size,
					  &finder->memory.hint);

	return bytes && block_is_text(bytes, block->size);
}

/*
 * That it is text, what the first words point to, or the size.  Texts of all lengths are one leak;
 * what an earlier use left behind them, and whether a stale pointer leads into a block, is chance.
 */
static void fingerprint_head(struct finder *finder, struct native_head *head)
{
	const struct native_block *block = block_of(finder, head);
	char name[256], print[320];

	head->is_text = holds_text(finder, block);
	if (head->is_text)
		snprintf(print, sizeof(print), "native text");
	else if (name_block(finder, block, name, sizeof(name)))
		snprintf(print, sizeof(print), "native %s", name);
	else
		head->of_size = block->size;
	head->fingerprint = head->of_size ? 0 : fingerprint_of(print);
}

static bool fingerprint_sizes(struct finder *finder)
{
	struct lost_sizes sizes = {.failed = false};
	bool done;

	for (uint32_t i = 0; i < finder->count; i++)
		lost_sizes_count(&sizes, finder->heads[i].of_size);
	for (uint32_t i = 0; i < finder->count; i++) {
		struct native_head *head = &finder->heads[i];
		char print[64];

		if (!head->of_size)
			continue;
		snprintf(print, sizeof(print), "native %" PRIu64,
			 lost_sizes_common(&sizes, head->of_size));
		head->fingerprint = fingerprint_of(print);
	}
	done = !sizes.failed;
	lost_sizes_release(&sizes);
	return done;
}

/* Heads ascend, so one cursor is enough to find them again by their blocks. */
static bool make_heads(struct finder *finder)
{
	uint32_t total = (uint32_t)finder->memory.blocks.count, *place;

	for (uint32_t i = 0; i < total; i++)
		finder->count += finder->reach.head[i] == i;
	finder->heads = calloc((size_t)finder->count + 1, sizeof(*finder->heads));
	place = malloc(((size_t)total + 1) * sizeof(*place));
	if (!finder->heads || !place) {
		free(place);
		return false;
	}
	finder->count = 0;
	for (uint32_t i = 0; i < total; i++)
		if (finder->reach.head[i] == i) {
			place[i] = finder->count;
			finder->heads[finder->count++] = (struct native_head){
				.block = i,
				.row = OBJECT_NONE,
				.is_possible = finder->reach.state[i] == NATIVE_POSSIBLE,
				.heads = 1};
		}
	for (uint32_t i = 0; i < total; i++)
		if (finder->reach.head[i] != NATIVE_NONE) {
			struct native_head *head = &finder->heads[place[finder->reach.head[i]]];

			head->blocks++;
			head->bytes += finder->memory.blocks.items[i].size;
		}
	free(place);
	return true;
}

static int by_fingerprint(const void *left, const void *right)
{
	const struct native_head *a = left, *b = right;

	if (a->fingerprint != b->fingerprint)
		return a->fingerprint < b->fingerprint ? -1 : 1;
	if (a->is_possible != b->is_possible)
		return a->is_possible - b->is_possible;
	return a->block < b->block ? -1 : a->block > b->block;
}

static int by_block(const void *left, const void *right)
{
	const struct native_head *a = left, *b = right;

	return a->block < b->block ? -1 : a->block > b->block;
}

/* Of those that are alike the lowest stays, and has all of their blocks. */
static void join_heads(struct finder *finder)
{
	struct native_head *heads = finder->heads;
	uint32_t count = 0;

	qsort(heads, finder->count, sizeof(*heads), by_fingerprint);
	for (uint32_t i = 0; i < finder->count; i++) {
		if (!count || heads[count - 1].fingerprint != heads[i].fingerprint ||
		    heads[count - 1].is_possible != heads[i].is_possible) {
			heads[count++] = heads[i];
			continue;
		}
		heads[count - 1].heads++;
		heads[count - 1].blocks += heads[i].blocks;
		heads[count - 1].bytes += heads[i].bytes;
	}
	finder->count = count;
	qsort(heads, finder->count, sizeof(*heads), by_block);
}

/* Which row of `blocks` a head is: heads ascend, rows need not. */
static void find_rows(struct finder *finder)
{
	const struct snapshot *snapshot = finder->snapshot;

	for (size_t row = 0; row < snapshot->blocks.count; row++) {
		addr_t address = snapshot->blocks.items[row].address;
		size_t below =
			count_leading(finder->count, i,
				      block_of(finder, &finder->heads[i])->address <= address);

		if (below && block_of(finder, &finder->heads[below - 1])->address == address)
			finder->heads[below - 1].row = (uint32_t)row;
	}
}

static void explain(struct finder *finder, const struct native_head *head,
		    struct snapshot_leak *leak)
{
	struct arena *arena = finder->collection->arena;
	char name[256], alike[64] = "", begins[300] = "";
	const struct module *module =
		head->is_text ? NULL
			      : name_block(finder, block_of(finder, head), name, sizeof(name));

	if (module) {
		snprintf(begins, sizeof(begins), "; its first words have the address of %s",
			 name);
		leak->holder = module_name(module);
		leak->evidence = "that symbol is the module's";
	}
	if (head->heads > 1)
		snprintf(alike, sizeof(alike), "; %" PRIu32 " blocks are like it", head->heads);
	leak->explanation = arena_format(
		arena, "%s%s%s",
		head->is_possible ? "possibly lost: the dump has only pointers into its middle"
				  : "definitely lost: no pointer to it in the dump",
		begins, alike);
}

static enum leak_grade grade_of(const struct finder *finder, const struct native_head *head)
{
	if (finder->partial || finder->memory.missing)
		return GRADE_UNKNOWN;
	return head->is_possible ? GRADE_PROBABLE : GRADE_PROVEN;
}

static void add_rows(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->count; i++) {
		const struct native_head *head = &finder->heads[i];
		struct snapshot_leak leak = {
			.kind = LEAK_NATIVE,
			.grade = grade_of(finder, head),
			.object = OBJECT_NONE,
			.block = head->row,
			.objects = head->blocks,
			.bytes = head->bytes,
			.fingerprint = head->fingerprint,
			.what = head->is_text ? "text" : NULL,
		};

		explain(finder, head, &leak);
		vector_push(&finder->snapshot->leaks, leak);
	}
}

static bool search(struct finder *finder, struct error *err)
{
	struct native_source source = {.blocks = finder->memory.blocks.items,
				       .count = (uint32_t)finder->memory.blocks.count,
				       .context = &finder->memory,
				       .roots = native_memory_roots,
				       .view = native_memory_view};

	return native_reach_compute(&source, &finder->reach, err);
}

static bool make_rows(struct finder *finder, struct error *err)
{
	if (!make_heads(finder))
		return error_out_of_memory(err, "looking for lost blocks");
	for (uint32_t i = 0; i < finder->count; i++)
		fingerprint_head(finder, &finder->heads[i]);
	if (!fingerprint_sizes(finder))
		return error_out_of_memory(err, "looking for lost blocks");
	if (finder->count > MOST_ROWS)
		join_heads(finder);
	find_rows(finder);
	add_rows(finder);
	if (finder->snapshot->leaks.failed)
		return error_out_of_memory(err, "looking for lost blocks");
	return true;
}

bool native_leaks_find(const struct target *target, const struct collection *collection,
		       bool partial, struct snapshot *snapshot, struct error *err)
{
	struct finder finder = {.target = target,
				.collection = collection,
				.snapshot = snapshot,
				.partial = partial};
	bool done;

	if (!native_memory_init(&finder.memory, target_image(target), collection,
				snapshot->graph, err))
		return false;
	if (finder.memory.incomplete_threads)
		anomaly_record(target_anomalies(target), "native", 0,
			       "the stacks of %" PRIu32 " threads are not in the dump, or hold "
			       "nothing but zeros; what only they lead to looks lost",
			       finder.memory.incomplete_threads);
	done = search(&finder, err) && make_rows(&finder, err);
	native_reach_release(&finder.reach);
	native_memory_release(&finder.memory);
	free(finder.heads);
	return done;
}
