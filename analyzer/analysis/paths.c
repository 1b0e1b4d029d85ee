/*
 * Dijkstra's algorithm with Dial's buckets: weights are small, so the objects that wait are in
 * a ring of lists by cost, and the whole is linear in the references.
 */
#include "analysis/paths.h"

#include <stdlib.h>

#define RING    (PATH_WEIGHT_MOST + 1)
#define NO_COST UINT64_MAX

struct search {
	const struct graph *graph;
	const uint8_t *state, *weight;
	struct paths *paths;
	uint64_t *cost;            /* [object_count] of the best path so far */
	uint32_t *next, *previous; /* [object_count] in the list of a cost; OBJECT_NONE: end */
	uint32_t first[RING];      /* by cost modulo RING */
	bool *settled;             /* [object_count] */
	uint64_t waiting;          /* objects in the ring */
};

/* What a path costs that begins at a root. */
static uint64_t root_cost(const struct search *search, const struct graph_root *root)
{
	static const uint8_t costs[ROOT_KINDS] = {
		[ROOT_STATIC] = 8,  [ROOT_GLOBAL] = 6,      [ROOT_FRAME] = 9,
		[ROOT_C_LOCAL] = 9, [ROOT_STACK] = 24,      [ROOT_REGISTER] = 24,
		[ROOT_NATIVE] = 24, [ROOT_INTERPRETER] = 0, [ROOT_THREAD] = 0,
	};

	if (root->kind == ROOT_INTERPRETER || root->kind == ROOT_THREAD)
		return search->weight[root->label];
	return costs[root->kind];
}

static void leave_list(struct search *search, uint32_t object)
{
	uint32_t next = search->next[object], previous = search->previous[object];

	if (previous == OBJECT_NONE)
		search->first[search->cost[object] % RING] = next;
	else
		search->next[previous] = next;
	if (next != OBJECT_NONE)
		search->previous[next] = previous;
	search->waiting--;
}

static void enter_list(struct search *search, uint32_t object)
{
	uint32_t *first = &search->first[search->cost[object] % RING];

	search->next[object] = *first;
	search->previous[object] = OBJECT_NONE;
	if (*first != OBJECT_NONE)
		search->previous[*first] = object;
	*first = object;
	search->waiting++;
}

/* The first of equally good ones stays: the order of roots and references decides. */
static void offer(struct search *search, uint32_t object, uint32_t parent, uint32_t step,
		  uint64_t cost)
{
	if (search->settled[object] || cost >= search->cost[object])
		return;
	if (search->cost[object] != NO_COST)
		leave_list(search, object);
	search->cost[object] = cost;
	search->paths->parent[object] = parent;
	search->paths->step[object] = step;
	enter_list(search, object);
}

/* The parent is settled: its jump is where Myers' skew-binary numbers have it. */
static void settle(struct search *search, uint32_t object)
{
	struct paths *paths = search->paths;
	uint32_t parent = paths->parent[object], jump;

	leave_list(search, object);
	search->settled[object] = true;
	if (parent == OBJECT_NONE) {
		paths->depth[object] = 0;
		paths->jump[object] = object;
		return;
	}
	jump = paths->jump[parent];
	paths->depth[object] = paths->depth[parent] + 1;
	paths->jump[object] =
		paths->depth[parent] - paths->depth[jump] ==
				paths->depth[jump] - paths->depth[paths->jump[jump]]
			? paths->jump[jump]
			: parent;
}

static void follow(struct search *search, uint32_t object)
{
	const struct graph *graph = search->graph;

	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++)
		if (graph_holds(graph, object, r) &&
		    search->state[graph->target[r]] == search->state[object])
			offer(search, graph->target[r], object, r,
			      search->cost[object] + search->weight[graph->label[r]]);
}

/* What waits has costs from `cost` to cost + PATH_WEIGHT_MOST: the ring never wraps onto itself. */
static void run(struct search *search)
{
	for (uint64_t cost = 0; search->waiting; cost++)
		while (search->first[cost % RING] != OBJECT_NONE) {
			uint32_t object = search->first[cost % RING];

			settle(search, object);
			follow(search, object);
		}
}

static void search_roots(struct search *search, bool holding)
{
	const struct graph *graph = search->graph;

	for (uint32_t i = 0; i < graph->root_count; i++) {
		const struct graph_root *root = &graph->roots[i];

		if (search->state[root->object] == STATE_LIVE && root_holds(root) == holding)
			offer(search, root->object, OBJECT_NONE, i, root_cost(search, root));
	}
	run(search);
}

/* Paths that begin at an object itself. */
static void search_held(struct search *search, enum object_state state, const bool *held,
			const uint32_t *dominator)
{
	for (uint32_t i = 0; i < search->graph->object_count; i++)
		if (search->state[i] == state && (held ? held[i] : dominator[i] == OBJECT_NONE))
			offer(search, i, OBJECT_NONE, OBJECT_NONE, 0);
	run(search);
}

static bool init(struct search *search, struct error *err)
{
	size_t room = (size_t)search->graph->object_count + 1;
	struct paths *paths = search->paths;

	*paths = (struct paths){
		.parent = malloc(room * sizeof(*paths->parent)),
		.step = malloc(room * sizeof(*paths->step)),
		.depth = calloc(room, sizeof(*paths->depth)),
		.jump = malloc(room * sizeof(*paths->jump)),
	};
	search->cost = malloc(room * sizeof(*search->cost));
	search->next = malloc(room * sizeof(*search->next));
	search->previous = malloc(room * sizeof(*search->previous));
	search->settled = calloc(room, sizeof(*search->settled));
	if (!paths->parent || !paths->step || !paths->depth || !paths->jump || !search->cost ||
	    !search->next || !search->previous || !search->settled) {
		paths_release(paths);
		return error_out_of_memory(err, "looking for paths");
	}
	memset(paths->parent, 0xff, room * sizeof(*paths->parent));
	memset(paths->step, 0xff, room * sizeof(*paths->step));
	memset(search->cost, 0xff, room * sizeof(*search->cost));
	memset(search->first, 0xff, sizeof(search->first));
	return true;
}

static void release(struct search *search)
{
	free(search->cost);
	free(search->next);
	free(search->previous);
	free(search->settled);
}

bool paths_compute(const struct graph *graph, const struct reachability *reachability,
		   const struct dominators *dominators, const uint8_t *weight,
		   struct paths *ret, struct error *err)
{
	struct search search = {
		.graph = graph, .state = reachability->state, .weight = weight, .paths = ret};
	bool done = init(&search, err);

	if (done) {
		search_roots(&search, true);
		search_roots(&search, false);
		search_held(&search, STATE_LIVE, reachability->held, NULL);
		search_held(&search, STATE_LEAKED, reachability->held, NULL);
		search_held(&search, STATE_GARBAGE, NULL, dominators->dominator);
	}
	release(&search);
	return done;
}

void paths_release(struct paths *paths)
{
	free(paths->parent);
	free(paths->step);
	free(paths->depth);
	free(paths->jump);
	*paths = (struct paths){0};
}
