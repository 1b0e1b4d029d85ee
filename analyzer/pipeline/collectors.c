#include "pipeline/collectors.h"

#include <stdlib.h>

#define PERMANENT (COLLECTOR_GENERATIONS - 1)

struct census {
	const struct snapshot *snapshot;
	const bool *leads; /* [object_count] */
	struct snapshot_tracked generations[COLLECTOR_GENERATIONS];
	struct snapshot_tracked *types; /* [count of types] */
};

static void count_object(const struct census *census, struct snapshot_tracked *tracked,
			 uint32_t object)
{
	const struct components *components = &census->snapshot->components;

	tracked->objects++;
	tracked->in_cycles += components->component_of[object] != OBJECT_NONE;
	tracked->leaves += !census->leads[object];
}

static void count_objects(struct census *census)
{
	const struct graph *graph = census->snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		if (!(graph->flags[i] & OBJECT_TRACKED))
			continue;
		if (graph->generation[i] < COLLECTOR_GENERATIONS)
			count_object(census, &census->generations[graph->generation[i]], i);
		count_object(census, &census->types[graph->type[i]], i);
	}
}

/* Which object each type is; OBJECT_NONE for what is none here. */
static uint32_t *find_type_objects(const struct collection *collection,
				   const struct graph *graph)
{
	uint32_t *objects = malloc((collection->types.count + 1) * sizeof(*objects));

	for (size_t i = 0; objects && i < collection->types.count; i++)
		objects[i] = graph_find_object(graph, collection->types.items[i].address);
	return objects;
}

static bool take_census(const struct collection *collection, struct snapshot *snapshot,
			struct census *census, struct error *err)
{
	CLEANUP_FREE uint32_t *type_objects = find_type_objects(collection, snapshot->graph);
	CLEANUP_FREE bool *leads = NULL;

	census->snapshot = snapshot;
	census->types = calloc(collection->types.count + 1, sizeof(*census->types));
	if (!type_objects || !census->types)
		return error_out_of_memory(err, "counting tracked objects");
	if (!collector_leads(snapshot->graph, type_objects, &leads, err))
		return false;
	census->leads = leads;
	count_objects(census);
	census->leads = NULL;
	for (uint32_t i = 0; i < collection->types.count; i++)
		if (census->types[i].objects) {
			census->types[i].type = i;
			vector_push(&snapshot->tracked_types, census->types[i]);
		}
	return true;
}

/*
 * What a collection of this generation would do.  Objects do not tell whose collector tracks
 * them, so that is not known where there are several.  One that is running has some of them on
 * lists of its own; and how much of the middle generation an incremental one takes depends on
 * its pace.
 */
static bool simulate(struct snapshot *snapshot, const struct collector_report *collector,
		     struct snapshot_generation *generation, struct error *err)
{
	unsigned number = generation->number;

	if (snapshot->collectors.count != 1 || number == PERMANENT || collector->collecting ||
	    (collector->incremental && number == 1))
		return true;
	generation->is_simulated = true;
	return collector_pass(snapshot->graph, (uint8_t)number, &generation->pass, err);
}

static bool add_generations(struct snapshot *snapshot, const struct census *census,
			    uint32_t collector, struct error *err)
{
	const struct collector_report *report = &snapshot->collectors.items[collector];

	for (uint8_t i = 0; i < COLLECTOR_GENERATIONS; i++) {
		struct snapshot_generation generation = {
			.collector = collector,
			.number = i,
			.is_counted = snapshot->collectors.count == 1,
			.tracked = census->generations[i],
		};

		if (!simulate(snapshot, report, &generation, err))
			return false;
		vector_push(&snapshot->generations, generation);
	}
	return true;
}

bool collectors_fill(const struct collection *collection, struct snapshot *snapshot,
		     struct error *err)
{
	struct census census = {.types = NULL};
	bool done = take_census(collection, snapshot, &census, err);

	vector_each (&collection->collectors, collector)
		vector_push(&snapshot->collectors, *collector);
	for (uint32_t i = 0; done && i < snapshot->collectors.count; i++)
		done = add_generations(snapshot, &census, i, err);
	free(census.types);
	if (done && (snapshot->collectors.failed || snapshot->generations.failed ||
		     snapshot->tracked_types.failed))
		return error_out_of_memory(err, "counting tracked objects");
	return done;
}
