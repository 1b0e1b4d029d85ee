#include "pipeline/freeing.h"

#include <stdlib.h>

/* An object whose referents are being freed. */
struct step {
	uint32_t object;
	uint32_t next;  /* references that were followed, then children */
	bool keep_self; /* its own block stays */
};

struct freeing {
	const struct collection *collection;
	const struct snapshot *snapshot;
	const struct dominator_tree *tree;
	struct found_heap heap;
	struct arena_report *arenas; /* of both allocators, as in the collection */
	struct pool_report *pools;
	struct give_back *give_back;
	bool *lets_go_backwards;         /* [types] */
	uint32_t *first_row;             /* [object_count + 1] in rows[] */
	uint32_t *rows;                  /* blocks that an object alone owns; by owner */
	uint32_t run;                    /* since freeing_begin() */
	uint32_t *freed_in, *emptied_in; /* [object_count] the run; its block, its contents */
	VECTOR_OF(struct step) steps;
};

static bool is_owned(const struct freeing *freeing, const struct snapshot_block *row)
{
	const struct claim_report *claim;

	if (row->owner == OBJECT_NONE || row->state != BLOCK_USED)
		return false;
	claim = collection_claim_at(freeing->collection, row->address);
	return claim && claim->exclusive;
}

static bool list_rows(struct freeing *freeing)
{
	const struct snapshot *snapshot = freeing->snapshot;
	uint32_t count = snapshot->graph->object_count, sum = 0;
	uint32_t *first = calloc((size_t)count + 2, sizeof(*first));

	freeing->first_row = first;
	freeing->rows = malloc((snapshot->blocks.count + 1) * sizeof(*freeing->rows));
	if (!first || !freeing->rows)
		return false;
	vector_each (&snapshot->blocks, row)
		if (row->owner != OBJECT_NONE)
			first[row->owner]++;
	for (uint32_t i = 0; i <= count; i++) {
		sum += first[i];
		first[i] = sum;
	}
	/* first[i] is one past the rows of i that are still to be placed. */
	for (size_t i = snapshot->blocks.count; i-- > 0;) {
		uint32_t owner = snapshot->blocks.items[i].owner;

		if (owner != OBJECT_NONE)
			freeing->rows[--first[owner]] = (uint32_t)i;
	}
	return true;
}

static bool copy_reports(struct freeing *freeing)
{
	const struct collection *collection = freeing->collection;

	freeing->arenas = malloc((collection->arenas.count + 1) * sizeof(*freeing->arenas));
	freeing->pools = malloc((collection->pools.count + 1) * sizeof(*freeing->pools));
	if (!freeing->arenas || !freeing->pools)
		return false;
	for (size_t i = 0; i < collection->arenas.count; i++)
		freeing->arenas[i] = collection->arenas.items[i].report;
	for (size_t i = 0; i < collection->pools.count; i++)
		freeing->pools[i] = collection->pools.items[i].report;
	return true;
}

static bool make_simulation(struct freeing *freeing)
{
	const struct collection *collection = freeing->collection;

	if (!copy_reports(freeing))
		return false;
	freeing->heap = (struct found_heap){
		.arenas = freeing->arenas + collection->native_arenas,
		.arena_count = collection->arenas.count - collection->native_arenas,
		.pools = freeing->pools,
		.pool_count = collection->pools.count,
		.native_arenas = freeing->arenas,
		.native_arena_count = collection->native_arenas,
		.blocks = collection->native_blocks.items,
		.block_count = collection->native_blocks.count,
		.limits = collection->limits,
		.thread_count = collection->threads.count,
	};
	freeing->give_back = give_back_create(&freeing->heap);
	return freeing->give_back;
}

static bool find_backward_types(struct freeing *freeing)
{
	static const char *const names[] = {"builtins.list", "builtins.tuple"};
	size_t count = freeing->collection->types.count;

	freeing->lets_go_backwards = calloc(count + 1, sizeof(bool));
	for (size_t i = 0; freeing->lets_go_backwards && i < count; i++)
		for (size_t n = 0; n < ARRAY_COUNT(names); n++)
			freeing->lets_go_backwards[i] |=
				!strcmp(freeing->collection->types.items[i].name, names[n]);
	return freeing->lets_go_backwards;
}

struct freeing *freeing_create(const struct collection *collection,
			       const struct snapshot *snapshot,
			       const struct dominator_tree *tree, struct error *err)
{
	struct freeing *freeing = calloc(1, sizeof(*freeing));
	size_t room = (size_t)snapshot->graph->object_count + 1;

	if (freeing) {
		freeing->collection = collection;
		freeing->snapshot = snapshot;
		freeing->tree = tree;
		freeing->freed_in = calloc(room, sizeof(uint32_t));
		freeing->emptied_in = calloc(room, sizeof(uint32_t));
	}
	if (!freeing || !freeing->freed_in || !freeing->emptied_in || !list_rows(freeing) ||
	    !find_backward_types(freeing) || !make_simulation(freeing)) {
		freeing_free(freeing);
		error_out_of_memory(err, "simulating what would be given back");
		return NULL;
	}
	return freeing;
}

void freeing_free(struct freeing *freeing)
{
	if (!freeing)
		return;
	if (freeing->give_back)
		give_back_free(freeing->give_back);
	free(freeing->arenas);
	free(freeing->pools);
	free(freeing->lets_go_backwards);
	free(freeing->first_row);
	free(freeing->rows);
	free(freeing->freed_in);
	free(freeing->emptied_in);
	vector_release(&freeing->steps);
	free(freeing);
}

void freeing_begin(struct freeing *freeing)
{
	freeing->run++;
	freeing->steps.failed = false;
	give_back_reset(freeing->give_back);
}

static bool is_child(const struct freeing *freeing, uint32_t parent, uint32_t object)
{
	return freeing->snapshot->dominators.dominator[object] == parent &&
	       freeing->freed_in[object] != freeing->run;
}

static void enter(struct freeing *freeing, uint32_t object, bool keep_self)
{
	if (!keep_self)
		freeing->freed_in[object] = freeing->run;
	vector_push(&freeing->steps, ((struct step){object, 0, keep_self}));
}

/* The next of what the object refers to, then of what else it dominates; or OBJECT_NONE. */
static uint32_t next_child(const struct freeing *freeing, struct step *step)
{
	const struct graph *graph = freeing->snapshot->graph;
	const uint32_t *child = freeing->tree->first_child;
	uint32_t first = graph->first_reference[step->object];
	uint32_t references = graph->first_reference[step->object + 1] - first;
	uint32_t children = child[step->object + 1] - child[step->object];
	bool backwards = freeing->lets_go_backwards[graph->type[step->object]];

	while (step->next < references) {
		uint32_t at = backwards ? references - 1 - step->next : step->next;
		uint32_t target = graph->target[first + at];

		step->next++;
		if (is_child(freeing, step->object, target))
			return target;
	}
	while (step->next - references < children) {
		uint32_t at = step->next++ - references;
		uint32_t object = freeing->tree->child[child[step->object] + at];

		if (is_child(freeing, step->object, object))
			return object;
	}
	return OBJECT_NONE;
}

static void free_rows(struct freeing *freeing, uint32_t object)
{
	if (freeing->emptied_in[object] == freeing->run)
		return;
	freeing->emptied_in[object] = freeing->run;
	for (uint32_t i = freeing->first_row[object]; i < freeing->first_row[object + 1]; i++)
		if (is_owned(freeing, &freeing->snapshot->blocks.items[freeing->rows[i]]))
			freeing_row(freeing, freeing->rows[i]);
}

static void run_steps(struct freeing *freeing)
{
	while (freeing->steps.count && !freeing->steps.failed) {
		struct step *step = &freeing->steps.items[freeing->steps.count - 1];
		uint32_t object = step->object, child = next_child(freeing, step);
		bool keep_self = step->keep_self;

		if (child != OBJECT_NONE) {
			enter(freeing, child, false);
			continue;
		}
		freeing->steps.count--;
		free_rows(freeing, object);
		if (!keep_self)
			give_back_block(freeing->give_back,
					freeing->snapshot->graph->address[object]);
	}
	freeing->steps.count = 0;
}

void freeing_object(struct freeing *freeing, uint32_t object)
{
	if (freeing->freed_in[object] == freeing->run)
		return;
	enter(freeing, object, false);
	run_steps(freeing);
}

void freeing_contents(struct freeing *freeing, uint32_t object)
{
	if (freeing->freed_in[object] == freeing->run)
		return;
	enter(freeing, object, true);
	run_steps(freeing);
}

void freeing_row(struct freeing *freeing, uint32_t row)
{
	give_back_block(freeing->give_back, freeing->snapshot->blocks.items[row].address);
}

struct given_back freeing_result(const struct freeing *freeing)
{
	return give_back_result(freeing->give_back);
}

bool freeing_is_whole(const struct freeing *freeing)
{
	return !freeing->steps.failed;
}
