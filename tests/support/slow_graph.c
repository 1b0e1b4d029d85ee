#include "support/slow_graph.h"

static bool slow_holds(const struct graph *graph, uint32_t reference)
{
	bool wanting = graph->flags[graph->target[reference]] & OBJECT_WANTING;

	return graph->kind[reference] < 2 || (graph->kind[reference] == 4 && wanting);
}

void slow_paths(const struct graph *graph, const bool *keep, struct slow_paths *ret)
{
	uint32_t count = graph->object_count;

	memset(ret->leads, 0, sizeof(ret->leads));
	memset(ret->steps, 0xff, sizeof(ret->steps));
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++)
			if (slow_holds(graph, r) && keep[i] && keep[graph->target[r]])
				ret->steps[i][graph->target[r]] = 1;
	for (uint32_t k = 0; k < count; k++)
		for (uint32_t i = 0; i < count; i++)
			for (uint32_t j = 0; j < count; j++) {
				uint64_t sum = (uint64_t)ret->steps[i][k] + ret->steps[k][j];

				if (sum < ret->steps[i][j])
					ret->steps[i][j] = (uint32_t)sum;
			}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			ret->leads[i][j] = ret->steps[i][j] != OBJECT_NONE;
}

static int64_t slow_surplus(const struct graph *graph, uint32_t object)
{
	int64_t surplus = graph->refcount[object];

	if (graph->flags[object] & OBJECT_IMMORTAL || !(graph->flags[object] & OBJECT_COUNTED))
		return 0;
	for (uint32_t r = 0; r < graph->reference_count; r++)
		if (graph->target[r] == object && (graph->kind[r] == REFERENCE_TRAVERSED ||
						   graph->kind[r] == REFERENCE_COUNTED))
			surplus--;
	for (uint32_t i = 0; i < graph->root_count; i++)
		if (graph->roots[i].object == object && graph->roots[i].kind < ROOT_STACK)
			surplus -= graph->roots[i].counted;
	return surplus;
}

/* Gives what `from` leads to the state, unless it has one that counts for more. */
static void spread(const struct slow_paths *paths, uint32_t count, uint32_t from,
		   enum object_state state, struct slow_state *ret)
{
	for (uint32_t i = 0; i < count; i++)
		if ((i == from || paths->leads[from][i]) && ret->state[i] == STATE_GARBAGE)
			ret->state[i] = state;
}

static void hold_all(const struct graph *graph, const struct slow_paths *paths,
		     const bool *begins, enum object_state state, struct slow_state *ret)
{
	enum object_state before[RANDOM_OBJECTS];

	memcpy(before, ret->state, sizeof(before));
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (begins[i] && before[i] == STATE_GARBAGE) {
			ret->held[i] = true;
			spread(paths, graph->object_count, i, state, ret);
		}
	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t j = 0; j < graph->object_count; j++) {
			uint32_t steps = i == j ? 0 : paths->steps[i][j];

			if (state == STATE_LIVE && begins[i] && ret->held[i] &&
			    before[j] == STATE_GARBAGE && steps < ret->distance[j])
				ret->distance[j] = steps;
		}
}

struct slow_collector {
	bool kept[RANDOM_OBJECTS], freed[RANDOM_OBJECTS];
};

static bool is_seen(const struct graph *graph, uint32_t source, uint32_t reference)
{
	return graph->kind[reference] == REFERENCE_TRAVERSED &&
	       graph->flags[source] & OBJECT_TRACKED;
}

/* Of the references to an object from what is left: does any keep it, do all come from the freed? */
static void judge(const struct graph *graph, const struct slow_state *state,
		  struct slow_collector *collector, uint32_t object)
{
	uint32_t total = 0, from_freed = 0;

	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++) {
			if (graph->target[r] != object || state->state[i] != STATE_GARBAGE ||
			    !reference_is_counted(graph->kind[r]))
				continue;
			total++;
			from_freed += collector->freed[i];
			if (graph->flags[object] & OBJECT_TRACKED &&
			    (!is_seen(graph, i, r) || collector->kept[i]))
				collector->kept[object] = true;
		}
	if (total && total == from_freed)
		collector->freed[object] = true;
}

/* What is left and not freed in the end is out of the collector's sight. */
static void collect(const struct graph *graph, struct slow_state *ret)
{
	struct slow_collector collector = {.freed = {0}};

	for (int round = 0; round < 2 * RANDOM_OBJECTS; round++) {
		for (uint32_t i = 0; i < graph->object_count; i++) {
			if (ret->state[i] == STATE_GARBAGE)
				judge(graph, ret, &collector, i);
			if (round == RANDOM_OBJECTS && ret->state[i] == STATE_GARBAGE &&
			    graph->flags[i] & OBJECT_TRACKED && !collector.kept[i])
				collector.freed[i] = true;
		}
		if (round < RANDOM_OBJECTS)
			memset(collector.freed, 0, sizeof(collector.freed));
	}
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (ret->state[i] == STATE_GARBAGE && !collector.freed[i]) {
			ret->state[i] = STATE_LEAKED;
			ret->held[i] = true;
		}
}

void slow_state(const struct graph *graph, struct slow_state *ret)
{
	bool rooted[RANDOM_OBJECTS] = {0}, borrowed[RANDOM_OBJECTS] = {0};
	bool immortal[RANDOM_OBJECTS] = {0};
	bool leaked[RANDOM_OBJECTS] = {0}, all[RANDOM_OBJECTS];
	struct slow_paths paths;

	memset(all, true, sizeof(all));
	slow_paths(graph, all, &paths);
	for (uint32_t i = 0; i < RANDOM_OBJECTS; i++) {
		ret->state[i] = STATE_GARBAGE;
		ret->distance[i] = UINT32_MAX;
		ret->held[i] = false;
	}
	for (uint32_t i = 0; i < graph->object_count; i++) {
		ret->surplus[i] = slow_surplus(graph, i);
		leaked[i] = ret->surplus[i] > 0;
		immortal[i] = graph->flags[i] & OBJECT_IMMORTAL;
	}
	for (uint32_t i = 0; i < graph->root_count; i++) {
		const struct graph_root *root = &graph->roots[i];
		bool certain = root->kind < ROOT_STACK;

		borrowed[root->object] |= certain;
		rooted[root->object] |= certain ? root->counted > 0 || root->kind == ROOT_STATIC
						: leaked[root->object];
	}
	hold_all(graph, &paths, rooted, STATE_LIVE, ret);
	hold_all(graph, &paths, borrowed, STATE_LIVE, ret);
	hold_all(graph, &paths, immortal, STATE_LIVE, ret);
	for (uint32_t i = 0; i < graph->object_count; i++)
		ret->held[i] |= immortal[i];
	hold_all(graph, &paths, leaked, STATE_LEAKED, ret);
	collect(graph, ret);
}
