/*
 * Lists and tuples of nothing but integers, or floats: what an array would hold in eight bytes
 * each is here a reference of eight bytes and an object.  An object goes with its list only if
 * all references to it are from such lists of one holder.
 */
#include "pipeline/waste_parts.h"

#define LEAST_NUMBERS 8 /* fewer are a record, and no array */
#define SEVERAL       (GROUP_NONE - 1)

/* What all items are: CONTENTS_INTEGER or _FLOAT; or CONTENTS_UNKNOWN. */
static uint8_t kind_of_items(const struct waste *waste, uint32_t object, uint64_t count)
{
	const struct graph *graph = waste->graph;
	uint8_t kind = CONTENTS_UNKNOWN;
	uint64_t items = 0;

	for (uint32_t r = graph->first_reference[object];
	     r < graph->first_reference[object + 1]; r++) {
		uint8_t item = waste->kind[graph->target[r]];

		if (graph->label[r] != waste->holders.item_label)
			continue;
		if (item != CONTENTS_INTEGER && item != CONTENTS_FLOAT)
			return CONTENTS_UNKNOWN;
		if (items++ && item != kind)
			return CONTENTS_UNKNOWN;
		kind = item;
	}
	return items == count ? kind : CONTENTS_UNKNOWN;
}

/* An array is no key. */
static bool is_key(const struct waste *waste, uint32_t object)
{
	const struct paths *paths = &waste->source->snapshot->paths;

	return paths->parent[object] != OBJECT_NONE &&
	       waste->graph->label[paths->step[object]] == waste->holders.key_label;
}

bool numbers_take(struct waste *waste, uint32_t object, const struct contents *contents)
{
	struct waste_candidate candidate = {.object = object,
					    .bytes = waste_bytes(waste->graph, object),
					    .savings =
						    (int64_t)waste_bytes(waste->graph, object) -
						    (int64_t)contents->packed};
	uint8_t kind;

	if (contents->count < LEAST_NUMBERS || !contents->is_plain ||
	    waste->graph->flags[object] & (OBJECT_IMMORTAL | OBJECT_STATIC) ||
	    is_key(waste, object))
		return true;
	kind = kind_of_items(waste, object, contents->count);
	if (kind == CONTENTS_UNKNOWN)
		return true;
	candidate.kind = kind == CONTENTS_INTEGER ? WASTE_INTEGERS : WASTE_FLOATS;
	holder_weigh(&waste->holders, object, candidate.bytes);
	return vector_push(&waste->packs, candidate);
}

/* Which group refers to each number, and how often. */
static void count_references(struct waste *waste, const struct waste_candidate *candidate)
{
	const struct graph *graph = waste->graph;
	uint32_t group = candidate->group;

	for (uint32_t r = graph->first_reference[candidate->object];
	     r < graph->first_reference[candidate->object + 1]; r++) {
		uint32_t number = graph->target[r];

		if (graph->label[r] != waste->holders.item_label)
			continue;
		waste->tally[number]++;
		if (waste->group[number] == GROUP_NONE)
			waste->group[number] = group;
		else if (waste->group[number] != group)
			waste->group[number] = SEVERAL;
	}
}

static void sum_number(struct waste *waste, uint32_t number)
{
	const struct graph *graph = waste->graph;
	uint64_t bytes = waste_bytes(graph, number);
	struct waste_group *group;

	if (waste->group[number] >= SEVERAL ||
	    graph->flags[number] & (OBJECT_IMMORTAL | OBJECT_STATIC) ||
	    graph->refcount[number] != (int64_t)waste->tally[number])
		return;
	group = &waste->groups.groups.items[waste->group[number]];
	group->distinct++;
	group->bytes += bytes;
	group->savings += (int64_t)bytes;
}

void numbers_sum(struct waste *waste)
{
	vector_each (&waste->packs, candidate) {
		struct waste_group *group = &waste->groups.groups.items[candidate->group];

		count_references(waste, candidate);
		group->objects++;
		group->bytes += candidate->bytes;
		group->savings += candidate->savings;
		waste_group_example(group, candidate->object, candidate->bytes);
	}
	for (uint32_t i = 0; i < waste->graph->object_count; i++)
		if (waste->kind[i] == CONTENTS_INTEGER || waste->kind[i] == CONTENTS_FLOAT)
			sum_number(waste, i);
}
