#include "pipeline/cycles/cycle_finalizers.h"

#include <stdlib.h>

/* Its callback runs if the weak reference does not go with its object. */
static bool has_callback(const struct snapshot *snapshot, uint32_t reference_object,
			 uint32_t label)
{
	const struct graph *graph = snapshot->graph;

	if (snapshot->reachability.state[reference_object] == STATE_GARBAGE)
		return false;
	for (uint32_t r = graph->first_reference[reference_object];
	     r < graph->first_reference[reference_object + 1]; r++)
		if (graph->label[r] == label)
			return true;
	return false;
}

static void mark_watched(const struct snapshot *snapshot, uint32_t label, bool *finalizes)
{
	const struct graph *graph = snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++)
			if (graph->kind[r] == REFERENCE_WEAK &&
			    snapshot->components.component_of[graph->target[r]] !=
				    OBJECT_NONE &&
			    has_callback(snapshot, i, label))
				finalizes[graph->target[r]] = true;
}

bool *cycle_finalizers_find(const struct collection *collection,
			    const struct snapshot *snapshot)
{
	const struct graph *graph = snapshot->graph;
	bool *finalizes = calloc((size_t)graph->object_count + 1, sizeof(*finalizes));
	uint32_t label = names_add(collection->labels, "wr_callback");

	if (!finalizes || label == NAME_NONE) {
		free(finalizes);
		return NULL;
	}
	mark_watched(snapshot, label, finalizes);
	for (uint32_t i = 0; i < graph->object_count; i++)
		finalizes[i] |= collection->types.items[graph->type[i]].finalizes;
	return finalizes;
}
