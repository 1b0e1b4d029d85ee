#include "analysis/reachability.h"

#include <stdlib.h>

/* One queue for all floods: an object enters it at most once, when it ceases to be garbage. */
struct flood {
	const struct graph *graph;
	const struct ledger *ledger;
	struct reachability *result;
	uint32_t *queue; /* [object_count] */
	uint32_t begin, end;
};

static const char *const state_names[] = {
	[STATE_LIVE] = "live",
	[STATE_GARBAGE] = "garbage",
	[STATE_LEAKED] = "leaked",
};

const char *object_state_name(enum object_state state)
{
	return state_names[state];
}

static void reach(struct flood *flood, uint32_t object, enum object_state state,
		  uint32_t distance)
{
	if (flood->result->state[object] != STATE_GARBAGE)
		return;
	flood->result->state[object] = (uint8_t)state;
	flood->result->distance[object] = distance;
	flood->queue[flood->end++] = object;
}

static void hold(struct flood *flood, uint32_t object, enum object_state state)
{
	if (flood->result->state[object] == STATE_GARBAGE)
		flood->result->held[object] = true;
	reach(flood, object, state, state == STATE_LIVE ? 0 : UINT32_MAX);
}

static void run(struct flood *flood, enum object_state state)
{
	const struct graph *graph = flood->graph;

	/* What is queued has its state and distance; distances in the queue never fall and
	 * differ by one at most, so the first to reach an object is a nearest one. */
	while (flood->begin < flood->end) {
		uint32_t object = flood->queue[flood->begin++];
		uint32_t distance = flood->result->distance[object];

		if (state == STATE_LIVE)
			distance++;
		for (uint32_t r = graph->first_reference[object];
		     r < graph->first_reference[object + 1]; r++)
			if (graph_holds(graph, object, r))
				reach(flood, graph->target[r], state, distance);
	}
}

static bool is_accepted_guess(const struct flood *flood, const struct graph_root *root)
{
	return root_is_guess(root->kind) && flood->ledger->surplus[root->object] > 0;
}

static void flood_roots(struct flood *flood)
{
	const struct graph *graph = flood->graph;

	for (uint32_t i = 0; i < graph->root_count; i++)
		if (root_holds(&graph->roots[i]) || is_accepted_guess(flood, &graph->roots[i]))
			hold(flood, graph->roots[i].object, STATE_LIVE);
	run(flood, STATE_LIVE);
	for (uint32_t i = 0; i < graph->root_count; i++)
		if (!root_is_guess(graph->roots[i].kind))
			hold(flood, graph->roots[i].object, STATE_LIVE);
	run(flood, STATE_LIVE);
}

/* Immortal objects never go, whoever refers to them. */
static void flood_immortal(struct flood *flood)
{
	const struct graph *graph = flood->graph;

	for (uint32_t i = 0; i < graph->object_count; i++)
		if (graph->flags[i] & OBJECT_IMMORTAL) {
			hold(flood, i, STATE_LIVE);
			flood->result->held[i] = true;
		}
	run(flood, STATE_LIVE);
}

static void flood_leaked(struct flood *flood)
{
	for (uint32_t i = 0; i < flood->graph->object_count; i++)
		if (flood->ledger->surplus[i] > 0)
			hold(flood, i, STATE_LEAKED);
	run(flood, STATE_LEAKED);
}

/*
 * The collector's own view of what is left: a container is free to go if every reference to it
 * is traversed from another container that is.  `kept` are the others.
 */
struct collector {
	const struct graph *graph;
	uint8_t *state;     /* of the reachability: what is left has STATE_GARBAGE */
	uint32_t *pending;  /* [object_count] references from what is left and not freed */
	uint32_t *queue;    /* [object_count] */
	bool *kept, *freed; /* [object_count] */
	uint32_t begin, end;
};

static bool is_left(const struct collector *collector, uint32_t object)
{
	return collector->state[object] == STATE_GARBAGE;
}

static bool is_seen(const struct graph *graph, uint32_t source, uint32_t reference)
{
	return graph->kind[reference] == REFERENCE_TRAVERSED &&
	       graph->flags[source] & OBJECT_TRACKED;
}

static void keep(struct collector *collector, uint32_t object)
{
	if (!is_left(collector, object) || collector->kept[object] ||
	    !(collector->graph->flags[object] & OBJECT_TRACKED))
		return;
	collector->kept[object] = true;
	collector->queue[collector->end++] = object;
}

/* Counts what holds what among what is left, and keeps what is held out of sight. */
static void count_pending(struct collector *collector, uint32_t source)
{
	const struct graph *graph = collector->graph;

	for (uint32_t r = graph->first_reference[source];
	     r < graph->first_reference[source + 1]; r++) {
		if (!reference_is_counted(graph->kind[r]))
			continue;
		collector->pending[graph->target[r]]++;
		if (!is_seen(graph, source, r))
			keep(collector, graph->target[r]);
	}
}

static void spread_kept(struct collector *collector)
{
	const struct graph *graph = collector->graph;

	while (collector->begin < collector->end) {
		uint32_t object = collector->queue[collector->begin++];

		for (uint32_t r = graph->first_reference[object];
		     r < graph->first_reference[object + 1]; r++)
			if (is_seen(graph, object, r))
				keep(collector, graph->target[r]);
	}
}

static void free_object(struct collector *collector, uint32_t object)
{
	if (collector->freed[object])
		return;
	collector->freed[object] = true;
	collector->queue[collector->end++] = object;
}

/* What loses its last reference with the freed ones goes with them. */
static void spread_freed(struct collector *collector)
{
	const struct graph *graph = collector->graph;

	while (collector->begin < collector->end) {
		uint32_t object = collector->queue[collector->begin++];

		for (uint32_t r = graph->first_reference[object];
		     r < graph->first_reference[object + 1]; r++)
			if (reference_is_counted(graph->kind[r]) &&
			    is_left(collector, graph->target[r]) &&
			    --collector->pending[graph->target[r]] == 0)
				free_object(collector, graph->target[r]);
	}
}

static void retrace(struct collector *collector, struct reachability *result)
{
	const struct graph *graph = collector->graph;

	for (uint32_t i = 0; i < graph->object_count; i++)
		if (is_left(collector, i))
			count_pending(collector, i);
	spread_kept(collector);
	collector->begin = collector->end = 0;
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (is_left(collector, i) && graph->flags[i] & OBJECT_TRACKED &&
		    !collector->kept[i])
			free_object(collector, i);
	spread_freed(collector);
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (is_left(collector, i) && !collector->freed[i]) {
			result->state[i] = STATE_LEAKED;
			result->held[i] = true;
		}
}

static bool collect(const struct graph *graph, struct reachability *result, uint32_t *queue,
		    struct error *err)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint32_t *pending = calloc(room, sizeof(*pending));
	CLEANUP_FREE bool *kept = calloc(room, sizeof(*kept));
	CLEANUP_FREE bool *freed = calloc(room, sizeof(*freed));
	struct collector collector = {.graph = graph,
				      .state = result->state,
				      .pending = pending,
				      .queue = queue,
				      .kept = kept,
				      .freed = freed};

	if (!pending || !kept || !freed)
		return error_out_of_memory(err, "looking for garbage");
	retrace(&collector, result);
	return true;
}

bool reachability_compute(const struct graph *graph, const struct ledger *ledger,
			  struct reachability *ret, struct error *err)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint32_t *queue = malloc(room * sizeof(*queue));
	struct flood flood = {graph, ledger, ret, queue, 0, 0};

	ret->state = malloc(room);
	ret->distance = malloc(room * sizeof(*ret->distance));
	ret->held = calloc(room, sizeof(*ret->held));
	if (!queue || !ret->state || !ret->distance || !ret->held) {
		reachability_release(ret);
		return error_out_of_memory(err, "looking for what is alive");
	}
	memset(ret->state, STATE_GARBAGE, room);
	memset(ret->distance, 0xff, room * sizeof(*ret->distance));
	flood_roots(&flood);
	flood_immortal(&flood);
	flood_leaked(&flood);
	if (!collect(graph, ret, queue, err)) {
		reachability_release(ret);
		return false;
	}
	return true;
}

void reachability_release(struct reachability *reachability)
{
	free(reachability->state);
	free(reachability->distance);
	free(reachability->held);
	*reachability = (struct reachability){0};
}
