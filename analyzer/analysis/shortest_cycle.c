/*
 * Breadth first from a member until a reference leads back to it.
 */
#include "analysis/shortest_cycle.h"

#include <stdlib.h>

/* Members are numbered by their place in the component. */
struct search {
	const struct graph *graph;
	const struct components *components;
	uint32_t component;
	uint32_t start;    /* object */
	uint32_t *arrived; /* the reference that led to a member; OBJECT_NONE if none did */
	uint32_t *queue;   /* objects */
	uint32_t queued;
	uint32_t last; /* the reference that closes the cycle */
};

static uint32_t *arrived_at(const struct search *search, uint32_t object)
{
	uint32_t first = search->components->first[search->component];

	return &search->arrived[search->components->position_of[object] - first];
}

static uint32_t source_of(const struct graph *graph, uint32_t reference)
{
	uint32_t low = 0, high = graph->object_count - 1;

	/* The references of objects below low end at or before it, those of high after it. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (graph->first_reference[middle + 1] <= reference)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Queues what the object refers to; true if that closes the cycle. */
static bool expand(struct search *search, uint32_t object)
{
	const struct graph *graph = search->graph;

	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++) {
		uint32_t target = graph->target[r];

		if (!reference_is_counted(graph->kind[r]) ||
		    search->components->component_of[target] != search->component)
			continue;
		if (target == search->start) {
			search->last = r;
			return true;
		}
		if (*arrived_at(search, target) == OBJECT_NONE) {
			*arrived_at(search, target) = r;
			search->queue[search->queued++] = target;
		}
	}
	return false;
}

/* The length of a shortest cycle through the start, or `bound` if it is not below that. */
static uint32_t measure(struct search *search, uint32_t bound)
{
	uint32_t length = 1, level_end = 1;

	search->queue[0] = search->start;
	search->queued = 1;
	/* Objects from i to level_end are length - 1 references away from the start. */
	for (uint32_t i = 0; i < search->queued; i++) {
		if (i == level_end) {
			length++;
			level_end = search->queued;
		}
		if (length >= bound)
			break;
		if (expand(search, search->queue[i]))
			return length;
	}
	return bound;
}

static void forget_arrivals(struct search *search)
{
	for (uint32_t i = 0; i < search->queued; i++)
		*arrived_at(search, search->queue[i]) = OBJECT_NONE;
}

static void trace_back(const struct search *search, uint32_t *references, uint32_t length)
{
	uint32_t reference = search->last;

	while (length-- > 0) {
		references[length] = reference;
		reference = *arrived_at(search, source_of(search->graph, reference));
	}
}

/* Keeps the shortest cycle so far in `best`, which has room for the whole component. */
static uint32_t search_from_each(struct search *search, uint32_t starts, uint32_t size,
				 uint32_t *best)
{
	const uint32_t *members =
		&search->components->members[search->components->first[search->component]];
	uint32_t count = size + 1;

	for (uint32_t i = 0; i < starts && count > 1; i++) {
		uint32_t length;

		search->start = members[(uint64_t)i * size / starts];
		length = measure(search, count);
		if (length < count)
			trace_back(search, best, length);
		count = length;
		forget_arrivals(search);
	}
	return count;
}

bool shortest_cycle(const struct graph *graph, const struct components *components,
		    uint32_t component, uint32_t starts, uint32_t **ret_references,
		    uint32_t *ret_count, struct error *err)
{
	uint32_t size = components->first[component + 1] - components->first[component];
	CLEANUP_FREE uint32_t *best = malloc(size * sizeof(*best));
	CLEANUP_FREE uint32_t *arrived = malloc(size * sizeof(*arrived));
	CLEANUP_FREE uint32_t *queue = malloc(size * sizeof(*queue));
	struct search search = {
		.graph = graph,
		.components = components,
		.component = component,
		.arrived = arrived,
		.queue = queue,
	};

	*ret_references = NULL;
	*ret_count = 0;
	if (!best || !arrived || !queue)
		return error_out_of_memory(err, "looking for a short cycle");
	memset(arrived, 0xff, size * sizeof(*arrived));
	if (starts == 0)
		starts = 1;
	*ret_count = search_from_each(&search, starts < size ? starts : size, size, best);
	*ret_references = TAKE(best);
	return true;
}
