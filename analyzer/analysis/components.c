/*
 * Tarjan's algorithm (1972) with its path of calls kept in an array.
 */
#include "analysis/components.h"

#include <stdlib.h>

/* Visit numbers of objects: 0 is unvisited, DONE one whose component is closed or not kept. */
#define DONE         UINT32_MAX
#define MOST_FETCHED 16 /* references of one object that are fetched ahead */

/* An object on the path from the start of the search to where it stands. */
struct frame {
	uint32_t object;
	uint32_t reference; /* the next one to follow */
	uint32_t end;       /* of its references */
	uint32_t low;       /* the lowest visit number that it is known to lead to */
};

struct tarjan {
	const struct graph *graph;
	uint32_t *component_of; /* becomes: an object of the component */
	uint32_t *order;        /* [object_count] visit numbers */
	struct frame *frames;   /* [object_count] */
	uint32_t *open;         /* [object_count] visited, in that order, but not yet done */
	uint32_t visits, depth, open_count;
};

static void enter(struct tarjan *tarjan, uint32_t object)
{
	tarjan->order[object] = ++tarjan->visits;
	tarjan->open[tarjan->open_count++] = object;
	tarjan->frames[tarjan->depth++] = (struct frame){
		.object = object,
		.reference = tarjan->graph->first_reference[object],
		.end = tarjan->graph->first_reference[object + 1],
		.low = tarjan->visits,
	};
}

static bool refers_to_itself(const struct graph *graph, uint32_t object)
{
	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++)
		if (graph->target[r] == object && reference_is_counted(graph->kind[r]))
			return true;
	return false;
}

/* All that is open above the frame's object is its component. */
static void close_component(struct tarjan *tarjan, const struct frame *frame)
{
	bool is_cycle = tarjan->open[tarjan->open_count - 1] != frame->object ||
			refers_to_itself(tarjan->graph, frame->object);
	uint32_t member;

	do {
		member = tarjan->open[--tarjan->open_count];
		tarjan->order[member] = DONE;
		if (is_cycle)
			tarjan->component_of[member] = frame->object;
	} while (member != frame->object);
}

/*
 * The search comes back to frames it left long ago, whose references are out of the caches
 * by then: they are fetched while the frames above are being finished.  A large container's
 * are not all wanted at once, and to fetch them anew for each of its items would take the square.
 */
static void prefetch_below(const struct tarjan *tarjan)
{
	const struct graph *graph = tarjan->graph;

	if (tarjan->depth >= 8) {
		const struct frame *far = &tarjan->frames[tarjan->depth - 8];
		const struct frame *near = &tarjan->frames[tarjan->depth - 4];

		__builtin_prefetch(&graph->target[far->reference]);
		__builtin_prefetch(&graph->kind[far->reference]);
		for (uint32_t r = near->reference;
		     r < near->end && r - near->reference < MOST_FETCHED; r++)
			__builtin_prefetch(&tarjan->order[graph->target[r]]);
	}
}

static void leave(struct tarjan *tarjan)
{
	prefetch_below(tarjan);
	const struct frame *frame = &tarjan->frames[--tarjan->depth];

	if (frame->low == tarjan->order[frame->object])
		close_component(tarjan, frame);
	else if (frame->low < tarjan->frames[tarjan->depth - 1].low)
		tarjan->frames[tarjan->depth - 1].low = frame->low;
}

/* Follows references up to the first that leads to an unvisited object, and returns that. */
static uint32_t next_unvisited(const struct tarjan *tarjan, struct frame *frame)
{
	const struct graph *graph = tarjan->graph;
	uint32_t low = frame->low, found = OBJECT_NONE, r = frame->reference;

	while (r < frame->end && found == OBJECT_NONE) {
		uint32_t target = graph->target[r];
		uint32_t order = tarjan->order[target];

		if (!reference_is_counted(graph->kind[r++]))
			continue;
		if (order == 0)
			found = target;
		else if (order < low)
			low = order;
	}
	frame->reference = r;
	frame->low = low;
	return found;
}

static void search(struct tarjan *tarjan, uint32_t start)
{
	enter(tarjan, start);
	/* Open objects lead to some object on the path and are led to by it, so an object whose
	 * low is its own number is the first of its component, and the rest is open above it.
	 * DONE is above every number and so lowers nothing. */
	while (tarjan->depth > 0) {
		uint32_t object = next_unvisited(tarjan, &tarjan->frames[tarjan->depth - 1]);

		if (object == OBJECT_NONE)
			leave(tarjan);
		else
			enter(tarjan, object);
	}
}

static bool find_components(const struct graph *graph, const bool *keep, uint32_t *component_of)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint32_t *order = calloc(room, sizeof(*order));
	CLEANUP_FREE struct frame *frames = malloc(room * sizeof(*frames));
	CLEANUP_FREE uint32_t *open = malloc(room * sizeof(*open));
	struct tarjan tarjan = {graph, component_of, order, frames, open, 0, 0, 0};

	if (!order || !frames || !open)
		return false;
	for (uint32_t i = 0; keep && i < graph->object_count; i++)
		if (!keep[i])
			order[i] = DONE;
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (order[i] == 0)
			search(&tarjan, i);
	return true;
}

/* From an object of the component to its number, in the order of lowest members. */
static uint32_t number_components(struct components *components, uint32_t object_count)
{
	uint32_t *number_of = components->position_of; /* until the positions are known */
	uint32_t members = 0;

	for (uint32_t i = 0; i < object_count; i++) {
		uint32_t object = components->component_of[i];

		if (object == OBJECT_NONE)
			continue;
		if (number_of[object] == OBJECT_NONE)
			number_of[object] = components->count++;
		components->component_of[i] = number_of[object];
		members++;
	}
	return members;
}

static bool list_members(struct components *components, uint32_t object_count)
{
	uint32_t total = number_components(components, object_count);
	uint32_t *first = calloc((size_t)components->count + 1, sizeof(*first));
	uint32_t *members = malloc(((size_t)total + 1) * sizeof(*members));
	uint32_t sum = 0;

	components->first = first;
	components->members = members;
	if (!first || !members)
		return false;
	for (uint32_t i = 0; i < object_count; i++)
		if (components->component_of[i] != OBJECT_NONE)
			first[components->component_of[i]]++;
	for (uint32_t c = 0; c <= components->count; c++) {
		sum += first[c];
		first[c] = sum;
	}
	/* first[c] is one past the members of c that are still to be placed. */
	for (uint32_t i = object_count; i-- > 0;) {
		uint32_t component = components->component_of[i];

		components->position_of[i] = OBJECT_NONE;
		if (component == OBJECT_NONE)
			continue;
		components->position_of[i] = --first[component];
		members[first[component]] = i;
	}
	return true;
}

bool components_compute(const struct graph *graph, const bool *keep, struct components *ret,
			struct error *err)
{
	size_t bytes = ((size_t)graph->object_count + 1) * sizeof(uint32_t);

	*ret = (struct components){
		.component_of = malloc(bytes),
		.position_of = malloc(bytes),
	};
	if (ret->component_of && ret->position_of) {
		memset(ret->component_of, 0xff, bytes);
		memset(ret->position_of, 0xff, bytes);
		if (find_components(graph, keep, ret->component_of) &&
		    list_members(ret, graph->object_count))
			return true;
	}
	components_release(ret);
	return error_out_of_memory(err, "looking for reference cycles");
}

void components_release(struct components *components)
{
	free(components->component_of);
	free(components->position_of);
	free(components->first);
	free(components->members);
	*components = (struct components){0};
}
