#include "pipeline/cycles.h"

#include "pipeline/cycles/cycle_edges.h"
#include "pipeline/cycles/cycle_finalizers.h"
#include "pipeline/cycles/cycle_groups.h"

#include <stdlib.h>

#define LONGEST_PATTERN 8 /* steps shown; more are "…" */
#define PATTERN_SIZE    2400

uint64_t fingerprint_of(const char *text)
{
	uint64_t hash =
		1469598103934665603ull; /* FNV-1a; as SQLite's signed integers like it */

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211ull;
	return hash & INT64_MAX;
}

struct describer {
	const struct collection *collection;
	struct snapshot *snapshot;
	struct cycle_map map;
	struct cycle_search *search;
	struct cycle_part *parts;     /* of the map */
	bool *finalizes;              /* by object */
	struct names *texts;          /* of patterns, each once */
	VECTOR_OF(const char *) kept; /* the same, in the collection's arena */
};

typedef const char *site_text_fn(const struct site *site);

static const char *whole_text(const struct site *site)
{
	return site->text;
}

static const char *short_text(const struct site *site)
{
	return site->short_text;
}

/* How many steps are all of it: a ring of objects that are alike is one step, repeated. */
static uint32_t period_of(const uint32_t *sites, uint32_t count)
{
	for (uint32_t period = 1; period <= LONGEST_PATTERN && period < count; period++)
		if (count % period == 0 &&
		    !memcmp(sites, sites + period, (count - period) * sizeof(*sites)))
			return period;
	return count;
}

/* NULL when out of memory.  The same for all cycles of the same sites. */
static const char *describe(struct describer *describer, const uint32_t *sites, uint32_t steps,
			    site_text_fn *text_of)
{
	uint32_t count = period_of(sites, steps);
	char pattern[PATTERN_SIZE] = "";
	size_t filled = 0;
	uint32_t text;

	for (uint32_t i = 0; i < count && i < LONGEST_PATTERN && filled < sizeof(pattern); i++)
		filled += (size_t)snprintf(pattern + filled, sizeof(pattern) - filled, "%s%s",
					   i ? " → " : "",
					   text_of(&describer->map.sites[sites[i]]));
	if (count > LONGEST_PATTERN && filled < sizeof(pattern))
		snprintf(pattern + filled, sizeof(pattern) - filled, " → … (%u)", count);
	if (count < steps && filled < sizeof(pattern))
		snprintf(pattern + filled, sizeof(pattern) - filled, " (repeated)");
	text = names_add(describer->texts, pattern);
	if (text == describer->kept.count)
		vector_push(&describer->kept,
			    arena_string(describer->collection->arena, pattern));
	return text < describer->kept.count ? describer->kept.items[text] : NULL;
}

/*
 * What dominates one member from outside dominates all: whoever reaches another member reaches
 * this one from there, without leaving the part.
 */
static uint32_t owner_of(const struct describer *describer, uint32_t part)
{
	const struct snapshot *snapshot = describer->snapshot;
	const struct cycle_map *map = &describer->map;
	uint32_t object = map->objects[map->first_object[part]];

	if (!snapshot->dominators.dominator || map->parts.own[part] ||
	    snapshot->reachability.state[object] == STATE_GARBAGE)
		return OBJECT_NONE;
	while (object != OBJECT_NONE && map->part_of[object] == part)
		object = snapshot->dominators.dominator[object];
	return object;
}

static bool has_class(const struct describer *describer, uint32_t part)
{
	const struct cycle_map *map = &describer->map;

	for (uint32_t i = map->first_object[part]; i < map->first_object[part + 1]; i++) {
		const struct type_report *type =
			&describer->collection->types
				 .items[describer->snapshot->graph->type[map->objects[i]]];

		if (type->category == CATEGORY_TYPES && strcmp(type->name, "builtins.module"))
			return true;
	}
	return false;
}

/* All parts of the component, the given one among them. */
static struct node_range component_nodes(const struct cycle_map *map, uint32_t part)
{
	uint32_t first = part, end = part + 1;

	while (first > 0 && map->parts.component[first - 1] == map->parts.component[part])
		first--;
	while (end < map->steps.part_count &&
	       map->parts.component[end] == map->parts.component[part])
		end++;
	return (struct node_range){map->steps.first_node[first], map->steps.first_node[end]};
}

/* What only the language ties up may have no cycle without the program's parts. */
static uint32_t find_cycle(struct describer *describer, uint32_t part,
			   const uint32_t **ret_sites)
{
	const struct cycle_map *map = &describer->map;
	struct node_range nodes = cycle_part_nodes(&map->steps, part);
	uint32_t count;

	if (!map->parts.own[part])
		return cycle_search_shortest(describer->search, nodes, map->own, ret_sites);
	count = cycle_search_shortest(describer->search, nodes, NULL, ret_sites);
	if (count)
		return count;
	return cycle_search_shortest(describer->search, component_nodes(map, part), NULL,
				     ret_sites);
}

static void add_up_part(struct describer *describer, uint32_t number)
{
	const struct cycle_map *map = &describer->map;
	const struct graph *graph = describer->snapshot->graph;
	struct cycle_part *part = &describer->parts[number];

	for (uint32_t i = map->first_object[number]; i < map->first_object[number + 1]; i++) {
		uint32_t object = map->objects[i];

		part->bytes += graph->size[object] + graph->owned_size[object];
		part->finalizers += describer->finalizes[object];
	}
}

static bool describe_part(struct describer *describer, uint32_t number)
{
	const struct cycle_map *map = &describer->map;
	struct cycle_part *part = &describer->parts[number];
	const uint32_t *sites;
	uint32_t count = find_cycle(describer, number, &sites);

	*part = (struct cycle_part){
		.state = describer->snapshot->reachability
				 .state[map->objects[map->first_object[number]]],
		.pattern = describe(describer, sites, count, whole_text),
		.short_pattern = describe(describer, sites, count, short_text),
		.length = count,
		.owner = owner_of(describer, number),
	};
	if (map->parts.own[number])
		part->kind = has_class(describer, number) ? CYCLE_CLASS : CYCLE_MODULE;
	add_up_part(describer, number);
	return part->pattern && part->short_pattern;
}

/* A component's pattern is that of its part with the shortest cycle, of equal ones the least. */
static const struct cycle_part *shorter(const struct cycle_part *left,
					const struct cycle_part *right)
{
	if (left->kind != right->kind &&
	    (left->kind == CYCLE_PROGRAM || right->kind == CYCLE_PROGRAM))
		return left->kind == CYCLE_PROGRAM ? left : right;
	if (left->length != right->length)
		return left->length < right->length ? left : right;
	return strcmp(left->pattern, right->pattern) <= 0 ? left : right;
}

static bool add_cycles(struct describer *describer)
{
	struct snapshot *snapshot = describer->snapshot;
	const struct cycle_map *map = &describer->map;

	for (uint32_t i = 0; i < map->steps.part_count;) {
		const struct cycle_part *shortest = &describer->parts[i];
		struct snapshot_cycle cycle = {.component = map->parts.component[i],
					       .state = shortest->state};

		for (; i < map->steps.part_count && map->parts.component[i] == cycle.component;
		     i++) {
			shortest = shorter(shortest, &describer->parts[i]);
			cycle.bytes += describer->parts[i].bytes;
			cycle.finalizers += (uint32_t)describer->parts[i].finalizers;
		}
		cycle.pattern = shortest->pattern;
		cycle.fingerprint = fingerprint_of(cycle.pattern);
		if (!vector_push(&snapshot->cycles, cycle))
			return false;
	}
	return true;
}

static bool describe_groups(struct describer *describer, struct error *err)
{
	struct cycle_groups groups;
	bool done = cycle_groups_make(describer->collection, describer->snapshot,
				      describer->parts, &describer->map, &groups);

	if (!done)
		error_out_of_memory(err, "describing cycles");
	done = done && cycle_edges_find(describer->collection, describer->snapshot,
					&describer->map, &groups, err);
	cycle_groups_release(&groups);
	return done;
}

static bool describe_all(struct describer *describer, struct error *err)
{
	uint32_t count = describer->map.steps.part_count;

	describer->parts = calloc((size_t)count + 1, sizeof(*describer->parts));
	describer->finalizes =
		cycle_finalizers_find(describer->collection, describer->snapshot);
	describer->texts = names_create();
	if (!describer->parts || !describer->finalizes || !describer->texts)
		return error_out_of_memory(err, "describing cycles");
	for (uint32_t i = 0; i < count; i++)
		if (!describe_part(describer, i))
			return error_out_of_memory(err, "describing cycles");
	if (!add_cycles(describer))
		return error_out_of_memory(err, "describing cycles");
	return describe_groups(describer, err);
}

bool cycles_describe(const struct collection *collection, struct snapshot *snapshot,
		     struct error *err)
{
	struct describer describer = {.collection = collection, .snapshot = snapshot};
	bool done = cycle_map_make(collection, snapshot, &describer.map, err);

	if (done)
		describer.search = cycle_search_create(&describer.map.steps, err);
	done = done && describer.search && describe_all(&describer, err);
	cycle_search_free(describer.search);
	cycle_map_release(&describer.map);
	free(describer.parts);
	free(describer.finalizes);
	names_free(describer.texts);
	vector_release(&describer.kept);
	return done;
}
