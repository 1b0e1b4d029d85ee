#include "analysis/collector.h"

#include <stdlib.h>

enum { OUTSIDE, UNDECIDED, HELD };

/*
 * Invariant: an object enters the queue at most once, when it turns from UNDECIDED to HELD;
 * objects on none of the lists that are collected are OUTSIDE and stay so.
 */
struct pass {
	const struct graph *graph;
	uint8_t *state;  /* [object_count] */
	int64_t *count;  /* [object_count] of the undecided: references from elsewhere */
	uint32_t *queue; /* [object_count] */
	uint32_t begin, end;
};

static bool is_young(const struct graph *graph, uint32_t object, uint8_t oldest)
{
	return graph->flags[object] & OBJECT_TRACKED && graph->generation[object] <= oldest;
}

static void take_young(struct pass *pass, uint8_t oldest, struct collector_pass *ret)
{
	const struct graph *graph = pass->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		pass->state[i] = OUTSIDE;
		if (!is_young(graph, i, oldest))
			continue;
		ret->visited++;
		if (graph->flags[i] & OBJECT_IMMORTAL)
			continue;
		pass->state[i] = UNDECIDED;
		pass->count[i] = graph->refcount[i];
	}
}

static void subtract(struct pass *pass, struct collector_pass *ret)
{
	const struct graph *graph = pass->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		if (pass->state[i] == OUTSIDE)
			continue;
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++) {
			if (graph->kind[r] != REFERENCE_TRAVERSED)
				continue;
			ret->followed++;
			if (pass->state[graph->target[r]] == UNDECIDED)
				pass->count[graph->target[r]]--;
		}
	}
}

static void hold(struct pass *pass, uint32_t object)
{
	if (pass->state[object] != UNDECIDED)
		return;
	pass->state[object] = HELD;
	pass->queue[pass->end++] = object;
}

static void spread(struct pass *pass)
{
	const struct graph *graph = pass->graph;

	for (uint32_t i = 0; i < graph->object_count; i++)
		if (pass->state[i] == UNDECIDED && pass->count[i] > 0)
			hold(pass, i);
	while (pass->begin < pass->end) {
		uint32_t object = pass->queue[pass->begin++];

		for (uint32_t r = graph->first_reference[object];
		     r < graph->first_reference[object + 1]; r++)
			if (graph->kind[r] == REFERENCE_TRAVERSED)
				hold(pass, graph->target[r]);
	}
}

bool collector_pass(const struct graph *graph, uint8_t oldest, struct collector_pass *ret,
		    struct error *err)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint8_t *state = malloc(room);
	CLEANUP_FREE int64_t *count = malloc(room * sizeof(*count));
	CLEANUP_FREE uint32_t *queue = malloc(room * sizeof(*queue));
	struct pass pass = {graph, state, count, queue, 0, 0};

	*ret = (struct collector_pass){0};
	if (!state || !count || !queue)
		return error_out_of_memory(err, "simulating a collection");
	take_young(&pass, oldest, ret);
	subtract(&pass, ret);
	spread(&pass);
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (state[i] == UNDECIDED) {
			ret->found++;
			ret->found_bytes += graph->size[i] + graph->owned_size[i];
		}
	return true;
}

/* Does it refer to a tracked object that is not its own type? */
static bool refers_to_tracked(const struct graph *graph, const uint32_t *type_object,
			      uint32_t object)
{
	uint32_t own = type_object[graph->type[object]];

	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++)
		if (reference_is_counted(graph->kind[r]) && graph->target[r] != own &&
		    graph->flags[graph->target[r]] & OBJECT_TRACKED)
			return true;
	return false;
}

/* Invariant: queued are, once each, untracked objects that lead to tracked ones. */
struct leading {
	const struct graph *graph;
	bool *leads;
	uint32_t *queue; /* [object_count] */
	uint32_t begin, end;
};

static void lead(struct leading *leading, uint32_t object)
{
	if (leading->leads[object])
		return;
	leading->leads[object] = true;
	if (!(leading->graph->flags[object] & OBJECT_TRACKED))
		leading->queue[leading->end++] = object;
}

static void spread_leading(struct leading *leading, const uint32_t *type_object)
{
	const struct graph *graph = leading->graph;

	while (leading->begin < leading->end) {
		uint32_t object = leading->queue[leading->begin++];

		for (uint32_t i = graph->first_referrer[object];
		     i < graph->first_referrer[object + 1]; i++)
			if (type_object[graph->type[graph->referrer[i]]] != object)
				lead(leading, graph->referrer[i]);
	}
}

bool collector_leads(const struct graph *graph, const uint32_t *type_object, bool **ret_leads,
		     struct error *err)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint32_t *queue = malloc(room * sizeof(*queue));
	struct leading leading = {graph, calloc(room, sizeof(bool)), queue, 0, 0};

	*ret_leads = leading.leads;
	if (!queue || !leading.leads)
		return error_out_of_memory(err, "looking for what cannot be in a cycle");
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (refers_to_tracked(graph, type_object, i))
			lead(&leading, i);
	spread_leading(&leading, type_object);
	return true;
}
