#include "pipeline/leaks.h"

#include "base/address_set.h"
#include "pipeline/cycles.h"

#include <inttypes.h>
#include <stdlib.h>

struct finder {
	const struct collection *collection;
	const struct suspects *suspects;
	struct snapshot *snapshot;
	const struct graph *graph;
	bool partial;
	uint64_t *guesses;         /* by rank in suspects: words that may be references to it */
	uint32_t *guess_root;      /* by rank: one of the guessed roots, or OBJECT_NONE */
	uint32_t *head;            /* by object: the suspect it goes with, or OBJECT_NONE */
	uint32_t *queue;           /* by object: scratch */
	uint64_t *objects, *bytes; /* by object: sums of what goes with it */
};

static bool is_suspect(const struct finder *finder, uint32_t object)
{
	return finder->snapshot->ledger.surplus[object] > 0;
}

/* The rows of garbage are what the collector's own list would have. */
static bool is_garbage_head(const struct finder *finder, uint32_t object)
{
	return finder->snapshot->reachability.state[object] == STATE_GARBAGE &&
	       finder->graph->flags[object] & OBJECT_TRACKED;
}

static bool is_head(const struct finder *finder, uint32_t object)
{
	return finder->snapshot->reachability.state[object] == STATE_GARBAGE
		       ? is_garbage_head(finder, object)
		       : is_suspect(finder, object);
}

static bool init(struct finder *finder, struct error *err)
{
	size_t room = (size_t)finder->graph->object_count + 1;

	finder->head = malloc(room * sizeof(*finder->head));
	finder->queue = malloc(room * sizeof(*finder->queue));
	finder->objects = calloc(room, sizeof(*finder->objects));
	finder->bytes = calloc(room, sizeof(*finder->bytes));
	if (!finder->head || !finder->queue || !finder->objects || !finder->bytes)
		return error_out_of_memory(err, "looking for leaks");
	memset(finder->head, 0xff, room * sizeof(*finder->head));
	room = address_set_count(finder->suspects->set) + 1;
	finder->guesses = calloc(room, sizeof(*finder->guesses));
	finder->guess_root = malloc(room * sizeof(*finder->guess_root));
	if (!finder->guesses || !finder->guess_root)
		return error_out_of_memory(err, "looking for leaks");
	memset(finder->guess_root, 0xff, room * sizeof(*finder->guess_root));
	return true;
}

static void release(struct finder *finder)
{
	free(finder->guesses);
	free(finder->guess_root);
	free(finder->head);
	free(finder->queue);
	free(finder->objects);
	free(finder->bytes);
}

static void count_guesses(struct finder *finder)
{
	const struct graph *graph = finder->graph;

	for (uint32_t i = 0; i < graph->root_count; i++) {
		uint32_t rank =
			root_is_guess(graph->roots[i].kind)
				? address_set_rank(finder->suspects->set,
						   graph->address[graph->roots[i].object])
				: RANK_NONE;

		if (rank == RANK_NONE)
			continue;
		finder->guess_root[rank] = i;
		/* All the words of native memory have one root. */
		if (graph->roots[i].kind == ROOT_NATIVE)
			finder->guesses[rank] += finder->suspects->suspects[rank].hits;
		else
			finder->guesses[rank]++;
	}
	for (uint32_t r = 0; r < graph->reference_count; r++)
		if (graph->kind[r] == REFERENCE_GUESS) {
			uint32_t rank = address_set_rank(finder->suspects->set,
							 graph->address[graph->target[r]]);

			if (rank != RANK_NONE)
				finder->guesses[rank]++;
		}
}

static void go_with(struct finder *finder, uint32_t object, uint32_t head)
{
	finder->head[object] = head;
	finder->objects[head]++;
	finder->bytes[head] += finder->graph->size[object] + finder->graph->owned_size[object];
}

/* Everything unreachable goes with one head: the first whose search gets to it. */
static void spread(struct finder *finder, uint32_t head)
{
	const struct graph *graph = finder->graph;
	const uint8_t *state = finder->snapshot->reachability.state;
	uint32_t begin = 0, end = 0;

	go_with(finder, head, head);
	if (state[head] == STATE_LIVE)
		return;
	finder->queue[end++] = head;
	while (begin < end) {
		uint32_t object = finder->queue[begin++];

		for (uint32_t r = graph->first_reference[object];
		     r < graph->first_reference[object + 1]; r++) {
			uint32_t target = graph->target[r];

			if (!reference_is_counted(graph->kind[r]) ||
			    state[target] != state[head] ||
			    finder->head[target] != OBJECT_NONE || is_head(finder, target))
				continue;
			go_with(finder, target, head);
			finder->queue[end++] = target;
		}
	}
}

/* Heads first; then what no head leads to becomes one. */
static void attribute(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->graph->object_count; i++)
		if (is_head(finder, i))
			spread(finder, i);
	for (uint32_t i = 0; i < finder->graph->object_count; i++)
		if (finder->snapshot->reachability.state[i] != STATE_LIVE &&
		    finder->head[i] == OBJECT_NONE)
			spread(finder, i);
}

static const char *type_name(const struct finder *finder, uint32_t object)
{
	return finder->collection->types.items[finder->graph->type[object]].name;
}

/* Where an address of a suspect was seen that no known reference explains. */
static const char *explain_guess(const struct finder *finder, uint32_t rank)
{
	struct arena *arena = finder->collection->arena;
	const struct suspect *suspect = &finder->suspects->suspects[rank];
	const struct graph_root *root =
		finder->guess_root[rank] == OBJECT_NONE
			? NULL
			: &finder->graph->roots[finder->guess_root[rank]];

	if (root && root->kind == ROOT_REGISTER)
		return arena_format(arena, "a register of thread %u holds its address",
				    root->thread + 1);
	if (root && root->kind == ROOT_STACK)
		return arena_format(arena, "a stack word of thread %u holds its address",
				    root->thread + 1);
	if (suspect->hits)
		return arena_format(arena,
				    "%u word%s of native memory hold%s %s, the first at "
				    "0x%" PRIx64,
				    suspect->hits, suspect->hits == 1 ? "" : "s",
				    suspect->hits == 1 ? "s" : "",
				    suspect->texts == suspect->hits ? "the address of its text"
								    : "its address",
				    suspect->first_hit);
	if (finder->guesses[rank])
		return "an object of unknown layout holds its address";
	return "no word of the dump that could hold one has its address";
}

/* A word is one reference: are there fewer of them than references without an owner? */
static bool are_too_few(const struct finder *finder, uint32_t object, uint32_t rank)
{
	return finder->guesses[rank] < (uint64_t)finder->snapshot->ledger.surplus[object];
}

static const char *explain_surplus(const struct finder *finder, uint32_t object, uint32_t rank)
{
	int64_t surplus = finder->snapshot->ledger.surplus[object];
	uint64_t words = finder->guesses[rank];

	const char *have = surplus == 1 ? "has" : "have";

	if (words && are_too_few(finder, object, rank))
		return arena_format(finder->collection->arena,
				    "%" PRId64 " of its references %s no known owner, and at "
				    "most %" PRIu64 " could have one: %s",
				    surplus, have, words, explain_guess(finder, rank));
	return arena_format(finder->collection->arena,
			    "%" PRId64 " of its references %s no known owner: %s", surplus,
			    have, explain_guess(finder, rank));
}

/* Memory of no allocator and no module that is there: a missing library's data, perhaps. */
static bool is_placeless(const struct finder *finder, uint32_t object)
{
	return !(finder->graph->flags[object] & OBJECT_STATIC) &&
	       !collection_used_block_at(finder->collection, finder->graph->address[object]);
}

static enum leak_grade grade_surplus(const struct finder *finder, uint32_t object,
				     uint32_t rank)
{
	if (finder->partial || is_placeless(finder, object))
		return GRADE_UNKNOWN;
	return are_too_few(finder, object, rank) ? GRADE_PROVEN : GRADE_PROBABLE;
}

static void add_surplus(struct finder *finder, uint32_t object)
{
	uint32_t rank = address_set_rank(finder->suspects->set, finder->graph->address[object]);
	char print[600];
	struct snapshot_leak leak = {
		.kind = LEAK_REFCOUNT,
		.grade = grade_surplus(finder, object, rank),
		.object = object,
		.block = OBJECT_NONE,
		.objects = finder->objects[object],
		.bytes = finder->bytes[object],
		.explanation = explain_surplus(finder, object, rank),
		.words = finder->guesses[rank],
	};

	/* How often, and what words happen to be where, differs from run to run. */
	snprintf(print, sizeof(print), "refcount %s", type_name(finder, object));
	leak.fingerprint = fingerprint_of(print);
	vector_push(&finder->snapshot->leaks, leak);
}

static const char *explain_garbage(const struct finder *finder, uint32_t object)
{
	const struct snapshot *snapshot = finder->snapshot;
	uint32_t component = snapshot->components.component_of[object];

	if (component == OBJECT_NONE)
		return arena_string(finder->collection->arena,
				    "reachable only from dropped cycles");
	return arena_format(finder->collection->arena, "in a dropped cycle: %s",
			    snapshot->cycles.items[component].pattern);
}

static void add_garbage(struct finder *finder, uint32_t object)
{
	struct snapshot_leak leak = {
		.kind = LEAK_GARBAGE,
		.grade = finder->partial ? GRADE_UNKNOWN : GRADE_PROVEN,
		.object = object,
		.block = OBJECT_NONE,
		.objects = finder->objects[object],
		.bytes = finder->bytes[object],
		.explanation = explain_garbage(finder, object),
	};
	char print[4096];

	snprintf(print, sizeof(print), "garbage %s %s", type_name(finder, object),
		 leak.explanation ? leak.explanation : "");
	leak.fingerprint = fingerprint_of(print);
	if (finder->snapshot->ledger.surplus[object] < 0 && leak.grade == GRADE_PROVEN)
		leak.grade = GRADE_PROBABLE;
	vector_push(&finder->snapshot->leaks, leak);
}

/* In a cycle that the collector cannot see through: no count is wrong, and it is never freed. */
static void add_unseen(struct finder *finder, uint32_t object)
{
	struct snapshot_leak leak = {
		.kind = LEAK_REFCOUNT,
		.grade = finder->partial ? GRADE_UNKNOWN : GRADE_PROBABLE,
		.object = object,
		.block = OBJECT_NONE,
		.objects = finder->objects[object],
		.bytes = finder->bytes[object],
		.explanation = "unreachable, but held by something that the collector does not "
			       "traverse",
	};
	char print[600];

	snprintf(print, sizeof(print), "unseen %s", type_name(finder, object));
	leak.fingerprint = fingerprint_of(print);
	vector_push(&finder->snapshot->leaks, leak);
}

static void add_rows(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->graph->object_count; i++) {
		if (finder->head[i] != i)
			continue;
		if (finder->snapshot->reachability.state[i] == STATE_GARBAGE)
			add_garbage(finder, i);
		else if (is_suspect(finder, i))
			add_surplus(finder, i);
		else
			add_unseen(finder, i);
	}
}

bool leaks_find(const struct collection *collection, const struct suspects *suspects,
		bool partial, struct snapshot *snapshot, struct error *err)
{
	struct finder finder = {.collection = collection,
				.suspects = suspects,
				.snapshot = snapshot,
				.graph = snapshot->graph,
				.partial = partial};
	bool done = init(&finder, err);

	if (done) {
		count_guesses(&finder);
		attribute(&finder);
		add_rows(&finder);
		if (snapshot->leaks.failed)
			done = error_out_of_memory(err, "looking for leaks");
	}
	release(&finder);
	return done;
}
