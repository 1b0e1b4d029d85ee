/*
 * A container that one other object of its component alone refers to is no node: what it
 * refers to are steps of that object's.  So is the frame of a generator.  Of garbage that is
 * in no component the same is done among all such garbage, for what is written of it.
 */
#include "pipeline/cycles/cycle_map.h"

#include "pipeline/cycles/cycle_sites.h"

#include <stdlib.h>

#define DEEPEST 4 /* containers within containers, as long as anybody can read them */

#define ONE_REFERRER   (1 << 0)
#define MORE_REFERRERS (1 << 1)
#define FOLDED         (1 << 2)

/* An object that is a node's own, on the way to what the node's steps lead to. */
struct visit {
	uint32_t object, place;
	uint32_t depth;
	uint32_t function; /* whose closure it is; OBJECT_NONE: no closure */
};

struct mapper {
	const struct snapshot *snapshot;
	const struct graph *graph;
	const uint32_t *component_of;
	const uint8_t *state;
	struct cycle_places *places;
	struct object_names *names;
	uint8_t *marks;    /* by object */
	uint32_t *node_of; /* by object */
	VECTOR_OF(struct visit) visits;
	VECTOR_OF(struct cycle_step) steps; /* their sites are places until the end */
	uint32_t node_component;            /* of the node whose steps are read now */
	struct cycle_map *map;
};

static bool is_within(const struct mapper *mapper, uint32_t object)
{
	return mapper->component_of[object] != OBJECT_NONE ||
	       mapper->state[object] == STATE_GARBAGE;
}

/* Whether a reference between the two is one of a component, or of garbage outside of them. */
static bool is_reference(const struct mapper *mapper, uint32_t source, uint32_t reference)
{
	uint32_t target = mapper->graph->target[reference];

	if (!reference_is_counted(mapper->graph->kind[reference]))
		return false;
	if (mapper->component_of[target] != OBJECT_NONE &&
	    mapper->component_of[source] == mapper->component_of[target])
		return true;
	return mapper->state[source] == STATE_GARBAGE && mapper->state[target] == STATE_GARBAGE;
}

/* Only those within its component tell whose a container of one is. */
static bool tells_owner(const struct mapper *mapper, uint32_t source, uint32_t target)
{
	return mapper->component_of[target] == OBJECT_NONE ||
	       mapper->component_of[source] == mapper->component_of[target];
}

static void count_referrers(struct mapper *mapper)
{
	const struct graph *graph = mapper->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		if (!is_within(mapper, i))
			continue;
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++) {
			uint8_t *marks = &mapper->marks[graph->target[r]];

			if (is_reference(mapper, i, r) &&
			    tells_owner(mapper, i, graph->target[r]))
				*marks |= *marks & ONE_REFERRER ? MORE_REFERRERS : ONE_REFERRER;
		}
	}
}

static enum label_kind label_kind(const struct mapper *mapper, uint32_t reference)
{
	return cycle_places_label_kind(mapper->places, mapper->graph->label[reference]);
}

static bool is_foldable(const struct mapper *mapper, const struct visit *visit,
			uint32_t reference)
{
	uint32_t target = mapper->graph->target[reference];
	uint8_t marks = mapper->marks[target];

	if (marks & (MORE_REFERRERS | FOLDED) || target == visit->object ||
	    !is_reference(mapper, visit->object, reference) ||
	    !tells_owner(mapper, visit->object, target))
		return false;
	if (label_kind(mapper, reference) == LABEL_FRAME_OF)
		return true;
	return object_role(mapper->names, target) == ROLE_CONTAINER && visit->depth < DEEPEST;
}

/* Tracebacks are one after the other for as long as the stack was. */
static uint32_t depth_behind(const struct mapper *mapper, const struct visit *visit,
			     uint32_t reference)
{
	return visit->depth + (label_kind(mapper, reference) != LABEL_NEXT);
}

static void fold_into(struct mapper *mapper, uint32_t owner)
{
	const struct graph *graph = mapper->graph;

	vector_push(&mapper->visits, ((struct visit){.object = owner}));
	while (mapper->visits.count) {
		struct visit visit = mapper->visits.items[--mapper->visits.count];

		for (uint32_t r = graph->first_reference[visit.object];
		     r < graph->first_reference[visit.object + 1]; r++) {
			struct visit next = {.object = graph->target[r],
					     .depth = depth_behind(mapper, &visit, r)};

			if (!is_foldable(mapper, &visit, r))
				continue;
			mapper->marks[next.object] |= FOLDED;
			vector_push(&mapper->visits, next);
		}
	}
}

static void fold_all(struct mapper *mapper)
{
	count_referrers(mapper);
	for (uint32_t i = 0; i < mapper->graph->object_count; i++)
		if (is_within(mapper, i) && object_role(mapper->names, i) != ROLE_CONTAINER)
			fold_into(mapper, i);
}

static bool leads_to_own(const struct mapper *mapper, uint32_t target)
{
	enum object_role role = object_role(mapper->names, target);

	return role == ROLE_CLASS || role == ROLE_MODULE || role == ROLE_NAMESPACE;
}

static uint32_t part_name(const struct mapper *mapper, const struct visit *visit,
			  uint32_t reference)
{
	uint32_t first = mapper->graph->first_reference[visit->object];
	uint32_t key = snapshot_key_of(mapper->snapshot, visit->object, reference);

	if (key != OBJECT_NONE)
		return object_key_name(mapper->names, key);
	if (label_kind(mapper, reference) == LABEL_ITEM && visit->function != OBJECT_NONE)
		return object_closure_name(mapper->names, visit->function, visit->object,
					   reference - first);
	return NAME_NONE;
}

static uint32_t place_behind(const struct mapper *mapper, const struct visit *visit,
			     uint32_t reference, bool own)
{
	struct cycle_place_part part = {.label = mapper->graph->label[reference],
					.name = part_name(mapper, visit, reference),
					.own = own};
	const struct cycle_place *place = cycle_places_get(mapper->places, visit->place);

	if (label_kind(mapper, reference) == LABEL_NEXT && place->part.label == part.label)
		return visit->place;
	return cycle_places_add(mapper->places, visit->place, part);
}

/* What the reference leads to is the node's own: to be gone through in its turn. */
static void go_on(struct mapper *mapper, const struct visit *visit, uint32_t reference)
{
	bool is_closure = label_kind(mapper, reference) == LABEL_CLOSURE;
	uint32_t target = mapper->graph->target[reference];
	struct visit next = {
		.object = target,
		.place = place_behind(mapper, visit, reference, false),
		.function = is_closure ? visit->object : OBJECT_NONE,
	};

	mapper->node_of[target] = mapper->node_of[visit->object];
	vector_push(&mapper->visits, next);
}

static void add_step(struct mapper *mapper, const struct visit *visit, uint32_t reference)
{
	uint32_t target = mapper->graph->target[reference];
	struct cycle_step step = {
		place_behind(mapper, visit, reference, leads_to_own(mapper, target)),
		mapper->node_of[target]};

	if (mapper->map->site_of && mapper->state[visit->object] == STATE_GARBAGE)
		mapper->map->site_of[reference] = step.site;
	if (mapper->node_component != OBJECT_NONE &&
	    mapper->component_of[target] == mapper->node_component)
		vector_push(&mapper->steps, step);
}

static void read_node(struct mapper *mapper, uint32_t owner)
{
	const struct graph *graph = mapper->graph;
	struct cycle_place_part part = {NAME_NONE, object_name(mapper->names, owner), false};

	mapper->node_component = mapper->component_of[owner];
	vector_push(&mapper->visits,
		    ((struct visit){
			    .object = owner,
			    .place = cycle_places_add(mapper->places, CYCLE_PLACE_NONE, part),
			    .function = OBJECT_NONE}));
	while (mapper->visits.count) {
		struct visit visit = mapper->visits.items[--mapper->visits.count];

		for (uint32_t r = graph->first_reference[visit.object];
		     r < graph->first_reference[visit.object + 1]; r++) {
			if (!is_reference(mapper, visit.object, r))
				continue;
			if (mapper->marks[graph->target[r]] & FOLDED &&
			    tells_owner(mapper, visit.object, graph->target[r]))
				go_on(mapper, &visit, r);
			else
				add_step(mapper, &visit, r);
		}
	}
}

static void number_nodes(struct mapper *mapper, const struct components *components)
{
	struct cycle_steps *steps = &mapper->map->steps;

	steps->part_count = components->count;
	for (uint32_t c = 0; c < components->count; c++) {
		steps->first_node[c] = steps->node_count;
		for (uint32_t i = components->first[c]; i < components->first[c + 1]; i++) {
			uint32_t object = components->members[i];

			if (mapper->marks[object] & FOLDED)
				continue;
			steps->object[steps->node_count] = object;
			mapper->node_of[object] = steps->node_count++;
		}
	}
	steps->first_node[components->count] = steps->node_count;
}

/* Nodes, and then the garbage that is in no cycle. */
static void read_all(struct mapper *mapper)
{
	struct cycle_steps *steps = &mapper->map->steps;

	for (uint32_t node = 0; node < steps->node_count; node++) {
		steps->first_step[node] = (uint32_t)mapper->steps.count;
		read_node(mapper, steps->object[node]);
	}
	steps->first_step[steps->node_count] = (uint32_t)mapper->steps.count;
	for (uint32_t i = 0; mapper->map->site_of && i < mapper->graph->object_count; i++)
		if (mapper->state[i] == STATE_GARBAGE &&
		    mapper->component_of[i] == OBJECT_NONE && !(mapper->marks[i] & FOLDED))
			read_node(mapper, i);
}

static bool any_is_garbage(const struct mapper *mapper)
{
	return memchr(mapper->state, STATE_GARBAGE, mapper->graph->object_count);
}

static bool allocate(struct mapper *mapper, const struct components *components)
{
	struct cycle_steps *steps = &mapper->map->steps;
	size_t room = (size_t)mapper->graph->object_count + 1;

	mapper->marks = calloc(room, sizeof(*mapper->marks));
	mapper->node_of = malloc(room * sizeof(*mapper->node_of));
	steps->first_node = calloc((size_t)components->count + 1, sizeof(*steps->first_node));
	steps->object = malloc(room * sizeof(*steps->object));
	steps->first_step = calloc(room, sizeof(*steps->first_step));
	if (!mapper->places || !mapper->names || !mapper->marks || !mapper->node_of ||
	    !steps->first_node || !steps->object || !steps->first_step)
		return false;
	if (any_is_garbage(mapper)) {
		room = (size_t)mapper->graph->reference_count + 1;
		mapper->map->site_of = malloc(room * sizeof(uint32_t));
		if (!mapper->map->site_of)
			return false;
		memset(mapper->map->site_of, 0xff, room * sizeof(uint32_t));
	}
	return true;
}

static void look_at_targets(const struct mapper *mapper, const struct collection *collection)
{
	const struct cycle_steps *steps = &mapper->map->steps;

	for (uint32_t s = 0; s < steps->first_step[steps->node_count]; s++) {
		uint32_t type = mapper->graph->type[steps->object[steps->steps[s].target]];
		struct site *site = &mapper->map->sites[steps->steps[s].site];

		site->is_plain |= collection->types.items[type].category != CATEGORY_INSTANCES;
		site->no_weak |= !collection->types.items[type].weakly_referable;
	}
}

/* The nodes' numbers are new since the parts are known. */
static bool list_objects(const struct mapper *mapper, const struct components *components)
{
	struct cycle_map *map = mapper->map;
	const struct cycle_steps *steps = &map->steps;
	uint32_t objects = mapper->graph->object_count;
	CLEANUP_FREE uint32_t *part_of_node =
		malloc(((size_t)steps->node_count + 1) * sizeof(*part_of_node));

	map->part_of = malloc(((size_t)objects + 1) * sizeof(*map->part_of));
	map->first_object = calloc((size_t)steps->part_count + 2, sizeof(*map->first_object));
	map->objects = malloc(((size_t)components->first[components->count] + 1) *
			      sizeof(*map->objects));
	if (!part_of_node || !map->part_of || !map->first_object || !map->objects)
		return false;
	for (uint32_t part = 0; part < steps->part_count; part++)
		for (uint32_t n = steps->first_node[part]; n < steps->first_node[part + 1]; n++)
			part_of_node[n] = part;
	for (uint32_t i = 0; i < objects; i++) {
		map->part_of[i] = OBJECT_NONE;
		if (mapper->component_of[i] == OBJECT_NONE)
			continue;
		map->part_of[i] = part_of_node[map->parts.node_number[mapper->node_of[i]]];
		map->first_object[map->part_of[i] + 2]++;
	}
	for (uint32_t part = 2; part <= steps->part_count; part++)
		map->first_object[part] += map->first_object[part - 1];
	/* first_object[p + 1] is where the next object of p goes; in the end, where they end. */
	for (uint32_t i = 0; i < objects; i++)
		if (map->part_of[i] != OBJECT_NONE)
			map->objects[map->first_object[map->part_of[i] + 1]++] = i;
	return true;
}

static bool map_all(struct mapper *mapper, const struct collection *collection,
		    const struct snapshot *snapshot, struct error *err)
{
	if (!allocate(mapper, &snapshot->components))
		return false;
	fold_all(mapper);
	number_nodes(mapper, &snapshot->components);
	read_all(mapper);
	mapper->map->steps.steps = mapper->steps.items;
	if (mapper->visits.failed || mapper->steps.failed ||
	    cycle_places_failed(mapper->places) ||
	    !cycle_sites_number(mapper->places, mapper->graph->reference_count,
				collection->arena, mapper->map))
		return false;
	look_at_targets(mapper, collection);
	return cycle_parts_split(&mapper->map->steps, mapper->map->own, &mapper->map->parts,
				 err) &&
	       list_objects(mapper, &snapshot->components);
}

bool cycle_map_make(const struct collection *collection, const struct snapshot *snapshot,
		    struct cycle_map *ret, struct error *err)
{
	struct mapper mapper = {
		.snapshot = snapshot,
		.graph = snapshot->graph,
		.component_of = snapshot->components.component_of,
		.state = snapshot->reachability.state,
		.places = cycle_places_create(collection->labels, snapshot->label_styles,
					      snapshot->label_style_count),
		.map = ret,
	};
	bool done;

	*ret = (struct cycle_map){0};
	if (mapper.places)
		mapper.names = object_names_create(collection, snapshot,
						   cycle_places_names(mapper.places));
	done = map_all(&mapper, collection, snapshot, err);
	vector_release(&mapper.visits);
	if (!ret->steps.steps)
		vector_release(&mapper.steps);
	free(mapper.marks);
	free(mapper.node_of);
	object_names_free(mapper.names);
	cycle_places_free(mapper.places);
	if (done)
		return true;
	cycle_map_release(ret);
	return error_out_of_memory(err, "describing cycles");
}

void cycle_map_release(struct cycle_map *map)
{
	cycle_parts_release(&map->parts);
	free(map->part_of);
	free(map->first_object);
	free(map->objects);
	free(map->steps.first_node);
	free(map->steps.object);
	free(map->steps.first_step);
	vector_free(map->steps.steps);
	free(map->steps.site_hash);
	free(map->sites);
	free(map->own);
	free(map->site_of);
	*map = (struct cycle_map){0};
}
