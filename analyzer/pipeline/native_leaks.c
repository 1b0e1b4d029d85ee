/*
 * A row is a head: a block that nothing leads to, or a possible one that an interior pointer
 * leads to.  Of very many, those of one fingerprint share a row, so that a leak of millions of
 * blocks takes no more memory than one of a thousand.
 */
#include "pipeline/native_leaks.h"

#include "base/search.h"
#include "core/bytes.h"
#include "pipeline/cycles.h"
#include "pipeline/native_memory.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_ROWS   100000u /* above, a row is all blocks of a fingerprint */
#define FIRST_WORDS 4u      /* of a block that may tell what it is */

struct native_head {
	uint32_t block; /* of the memory's */
	uint32_t row;   /* of snapshot->blocks, or OBJECT_NONE */
	uint64_t fingerprint;
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

/* A function or a variable of a module, as `name` or `name+16`; by what debug info is read. */
static bool name_word(const struct finder *finder, addr_t word, char *ret, size_t size)
{
	const struct module *module = target_module_at(finder->target, word);
	struct binary_symbol symbol;
	addr_t linked;

	if (!module)
		return false;
	linked = word - module->bias;
	if (!find_symbol(module->binary, linked, &symbol) &&
	    !(module->debug && find_symbol(debug_info_binary(module->debug), linked, &symbol)))
		return false;
	if (linked == symbol.address)
		snprintf(ret, size, "%s", symbol.name);
	else
		snprintf(ret, size, "%s+%" PRIu64, symbol.name, linked - symbol.address);
	return true;
}

/* The first of a block's first words that is the address of a symbol; "" if none is. */
static void name_block(struct finder *finder, const struct native_block *block, char *ret,
		       size_t size)
{
	uint64_t room = block->size < FIRST_WORDS * 8 ? block->size : FIRST_WORDS * 8;
	const uint8_t *bytes =
		image_view(finder->memory.image, block->address, room, &finder->memory.hint);

	*ret = '\0';
	for (uint64_t at = 0; bytes && at + 8 <= room; at += 8)
		if (name_word(finder, load_u64(bytes + at), ret, size))
			return;
}

static bool is_possible(const struct finder *finder, const struct native_head *head)
{
	return finder->reach.state[head->block] == NATIVE_POSSIBLE;
}

static uint64_t fingerprint_head(struct finder *finder, const struct native_head *head)
{
	const struct native_block *block = block_of(finder, head);
	char name[256], print[320];

	name_block(finder, block, name, sizeof(name));
	snprintf(print, sizeof(print), "native %s %" PRIu64 " %s",
		 is_possible(finder, head) ? "possible" : "definite", block->size, name);
	return fingerprint_of(print);
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
				.block = i, .row = OBJECT_NONE, .heads = 1};
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
		if (!count || heads[count - 1].fingerprint != heads[i].fingerprint) {
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

static const char *explain(struct finder *finder, const struct native_head *head)
{
	struct arena *arena = finder->collection->arena;
	char name[256], alike[64] = "", begins[300] = "";

	name_block(finder, block_of(finder, head), name, sizeof(name));
	if (*name)
		snprintf(begins, sizeof(begins), "; its first words have the address of %s",
			 name);
	if (head->heads > 1)
		snprintf(alike, sizeof(alike), "; %" PRIu32 " blocks are like it", head->heads);
	return arena_format(
		arena, "%s%s%s",
		is_possible(finder, head)
			? "possibly lost: the dump has only pointers into its middle"
			: "definitely lost: no pointer to it in the dump",
		begins, alike);
}

static enum leak_grade grade_of(const struct finder *finder, const struct native_head *head)
{
	if (finder->partial || finder->memory.missing)
		return GRADE_UNKNOWN;
	return is_possible(finder, head) ? GRADE_PROBABLE : GRADE_PROVEN;
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
			.explanation = explain(finder, head),
		};

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
		finder->heads[i].fingerprint = fingerprint_head(finder, &finder->heads[i]);
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
