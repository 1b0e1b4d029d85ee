#include "pipeline/pin_groups.h"

#include <stdlib.h>

#define MOST_GROUPS 48u
#define WEIGHT_UNIT 64u /* bytes */
#define LEAST_PART  50u /* of all that is kept, to be worth a name of its own */

static const struct graph *graph_of(const struct pin_groups *groups)
{
	return groups->list->snapshot->graph;
}

static enum object_category category_of(const struct pin_groups *groups, uint32_t object)
{
	return groups->list->collection->types.items[graph_of(groups)->type[object]].category;
}

/* What modules and classes refer to, their dicts above all, is their part. */
static void mark_parts(const struct pin_groups *groups, uint32_t object, bool *ret)
{
	const struct graph *graph = graph_of(groups);

	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++)
		if (reference_is_counted(graph->kind[r]))
			ret[graph->target[r]] = true;
}

/* sys.modules is one, too: the interpreter's state refers to it. */
static void mark_namespaces(const struct pin_groups *groups, bool *ret)
{
	const struct graph *graph = graph_of(groups);

	for (uint32_t i = 0; i < graph->object_count; i++) {
		enum object_category category = category_of(groups, i);

		ret[i] |= category == CATEGORY_TYPES || category == CATEGORY_CODE;
		if (category == CATEGORY_TYPES)
			mark_parts(groups, i, ret);
	}
	for (uint32_t i = 0; i < graph->root_count; i++)
		if (graph->roots[i].kind == ROOT_INTERPRETER)
			ret[graph->roots[i].object] = true;
}

/*
 * All the pins of an arena keep it together.  So one that is alone in its arena weighs more than a
 * thousand that share theirs.
 */
static void count_weight(void *context, const struct pin *pin)
{
	uint32_t *weight = context;
	uint64_t size = pin->arena->range.end - pin->arena->range.start;
	uint64_t part = size / WEIGHT_UNIT / pin->arena->pins;

	if (pin->owner != OBJECT_NONE && weight[pin->owner] < UINT32_MAX / 2)
		weight[pin->owner] += part ? (uint32_t)part : 1;
}

static uint64_t total_weight(const struct sparse_list *list)
{
	uint64_t total = 0;

	vector_each (&list->arenas, arena)
		total += (arena->range.end - arena->range.start) / WEIGHT_UNIT;
	return total;
}

static bool find_holders(struct pin_groups *groups, const struct dominator_tree *tree,
			 struct error *err)
{
	const struct snapshot *snapshot = groups->list->snapshot;
	size_t room = (size_t)snapshot->graph->object_count + 1;
	CLEANUP_FREE uint32_t *weight = calloc(room, sizeof(*weight));
	CLEANUP_FREE bool *is_namespace = calloc(room, sizeof(*is_namespace));
	struct holders_question question = {.graph = snapshot->graph,
					    .paths = &snapshot->paths,
					    .dominators = &snapshot->dominators,
					    .tree = tree,
					    .weight = weight,
					    .least = total_weight(groups->list) / LEAST_PART,
					    .is_namespace = is_namespace};

	if (!weight || !is_namespace)
		return error_out_of_memory(err, "looking for who holds pins");
	sparse_each(groups->list, count_weight, weight);
	mark_namespaces(groups, is_namespace);
	return holders_compute(&question, &groups->holders, err);
}

static uint32_t new_group(struct pin_groups *groups, enum release_kind kind, uint32_t object)
{
	struct pin_group group = {.release = {.kind = kind, .object = object}};

	return vector_push(&groups->groups, group) ? (uint32_t)groups->groups.count - 1
						   : GROUP_NONE;
}

/* Where the number of the group is that a pin is in; NULL: it is in none. */
static uint32_t *place_of(struct pin_groups *groups, const struct pin *pin,
			  enum release_kind *ret_kind, uint32_t *ret_holder)
{
	const struct snapshot *snapshot = groups->list->snapshot;

	*ret_holder = OBJECT_NONE;
	if (pin->owner == OBJECT_NONE) {
		*ret_kind = RELEASE_FREE_LISTS;
		return snapshot->blocks.items[pin->row].state == BLOCK_CACHED
			       ? &groups->of_state[*ret_kind]
			       : NULL;
	}
	if (snapshot->reachability.state[pin->owner] != STATE_LIVE) {
		*ret_kind = snapshot->reachability.state[pin->owner] == STATE_GARBAGE
				    ? RELEASE_GARBAGE
				    : RELEASE_LEAKED;
		return &groups->of_state[*ret_kind];
	}
	*ret_kind = groups->holders.is_alone[pin->owner] ? RELEASE_HOLDER : RELEASE_PINS;
	*ret_holder = groups->holders.holder[pin->owner];
	return &groups->group_of[*ret_kind == RELEASE_PINS][*ret_holder];
}

static const char *type_of(const struct pin_groups *groups, const struct pin *pin)
{
	const struct snapshot *snapshot = groups->list->snapshot;

	if (pin->object != OBJECT_NONE)
		return groups->list->collection->types.items[snapshot->graph->type[pin->object]]
			.name;
	return snapshot->blocks.items[pin->row].kind;
}

/* What has most of the votes at the end is the only type that can be of more than half. */
static void vote(struct pin_group *group, const char *type)
{
	if (!group->votes)
		group->type = type;
	if (!strcmp(group->type, type))
		group->votes++;
	else
		group->votes--;
}

static void add_pin(void *context, const struct pin *pin)
{
	struct pin_groups *groups = context;
	enum release_kind kind;
	uint32_t holder, *place = place_of(groups, pin, &kind, &holder);
	uint64_t size = pin->arena->range.end - pin->arena->range.start;
	struct pin_group *group;

	if (place && *place == GROUP_NONE)
		*place = new_group(groups, kind, holder);
	if (!place || *place == GROUP_NONE)
		return;
	group = &groups->groups.items[*place];
	group->release.pins++;
	group->release.pin_bytes += pin->size;
	group->share += size / pin->arena->pins;
	vote(group, type_of(groups, pin));
	if (group->arena == pin->arena)
		return;
	group->arena = pin->arena;
	group->release.arenas++;
	group->release.arena_bytes += size;
}

static int compare_groups(const void *left, const void *right)
{
	const struct pin_group *a = left, *b = right;

	if (a->share != b->share)
		return a->share > b->share ? -1 : 1;
	if (a->release.kind != b->release.kind)
		return a->release.kind < b->release.kind ? -1 : 1;
	return a->release.object < b->release.object ? -1
						     : a->release.object > b->release.object;
}

static uint32_t *place_of_group(struct pin_groups *groups, const struct pin_group *group)
{
	if (group->release.object == OBJECT_NONE)
		return &groups->of_state[group->release.kind];
	return &groups->group_of[group->release.kind == RELEASE_PINS][group->release.object];
}

static void rank_groups(struct pin_groups *groups)
{
	if (groups->groups.count)
		qsort(groups->groups.items, groups->groups.count, sizeof(*groups->groups.items),
		      compare_groups);
	groups->simulated = groups->groups.count < MOST_GROUPS ? (uint32_t)groups->groups.count
							       : MOST_GROUPS;
	for (size_t i = 0; i < groups->groups.count; i++)
		*place_of_group(groups, &groups->groups.items[i]) = (uint32_t)i;
}

uint32_t pin_group_of(const struct pin_groups *groups, const struct pin *pin)
{
	enum release_kind kind;
	uint32_t holder;
	/* Only where to look is asked for: nothing is changed. */
	const uint32_t *place = place_of((struct pin_groups *)groups, pin, &kind, &holder);

	return place && *place < groups->simulated ? *place : GROUP_NONE;
}

/* What the groups that matter have, once it is known which those are. */
static void add_to_simulated(void *context, const struct pin *pin)
{
	struct pin_groups *groups = context;
	uint32_t number = pin_group_of(groups, pin);
	struct pin_group *group;

	if (number == GROUP_NONE)
		return;
	group = &groups->groups.items[number];
	if (!strcmp(group->type, type_of(groups, pin))) {
		group->release.typed++;
		group->release.is_object_type = pin->object != OBJECT_NONE;
	}
	if (group->release.kind == RELEASE_PINS && pin->object != OBJECT_NONE &&
	    !vector_push(&group->objects, pin->object))
		groups->groups.failed = true;
}

static bool init(struct pin_groups *groups)
{
	size_t room = (size_t)graph_of(groups)->object_count + 1;

	memset(groups->of_state, 0xff, sizeof(groups->of_state));
	for (int i = 0; i < 2; i++) {
		groups->group_of[i] = malloc(room * sizeof(uint32_t));
		if (!groups->group_of[i])
			return false;
		memset(groups->group_of[i], 0xff, room * sizeof(uint32_t));
	}
	return true;
}

bool pin_groups_find(const struct sparse_list *list, const struct dominator_tree *tree,
		     struct pin_groups *ret, struct error *err)
{
	*ret = (struct pin_groups){.list = list};
	if (!init(ret)) {
		pin_groups_release(ret);
		return error_out_of_memory(err, "looking for who holds pins");
	}
	if (!find_holders(ret, tree, err)) {
		pin_groups_release(ret);
		return false;
	}
	sparse_each(list, add_pin, ret);
	rank_groups(ret);
	sparse_each(list, add_to_simulated, ret);
	if (!ret->groups.failed)
		return true;
	pin_groups_release(ret);
	return error_out_of_memory(err, "looking for who holds pins");
}

void pin_groups_release(struct pin_groups *groups)
{
	vector_each (&groups->groups, group)
		vector_release(&group->objects);
	vector_release(&groups->groups);
	holders_release(&groups->holders);
	free(groups->group_of[0]);
	free(groups->group_of[1]);
	*groups = (struct pin_groups){0};
}
