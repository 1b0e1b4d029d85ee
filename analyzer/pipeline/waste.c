#include "pipeline/waste_parts.h"

#include <stdlib.h>

#define MOST_ROWS 2000 /* holders; what the others have is one row a kind */

static const struct {
	const char *name, *advice;
} kinds[WASTE_KINDS] = {
	[WASTE_EQUAL_TEXT] = {"duplicate-text",
			      "keep one of each: sys.intern(), or a dict of those seen"},
	[WASTE_EQUAL_BYTES] = {"duplicate-bytes", "keep one of each, in a dict of those seen"},
	[WASTE_ROOM_LIST] = {"underfilled-list", "copy them when they are complete: x[:]"},
	[WASTE_ROOM_MAPPING] = {"underfilled-dict",
				"copy them when they are complete: dict(x.items())"},
	[WASTE_ROOM_SET] = {"underfilled-set", "copy them when they are complete: set(x)"},
	[WASTE_EMPTY_LIST] = {"empty-list", "make them when they are needed, None until then"},
	[WASTE_EMPTY_MAPPING] = {"empty-dict",
				 "make them when they are needed, None until then"},
	[WASTE_EMPTY_SET] = {"empty-set", "make them when they are needed, None until then"},
	[WASTE_INTEGERS] = {"boxed-ints", "array.array('q', x) holds each in eight bytes"},
	[WASTE_FLOATS] = {"boxed-floats", "array.array('d', x) holds each in eight bytes"},
};

bool waste_read(const struct waste *waste, uint32_t object, struct contents *ret)
{
	return waste->source->ops->contents(waste->source->runtime, waste->graph->type[object],
					    waste->graph->address[object], ret);
}

static bool is_container(uint8_t kind)
{
	return kind == CONTENTS_LIST || kind == CONTENTS_MAPPING || kind == CONTENTS_SET;
}

static enum waste_kind room_kind(const struct contents *contents, bool is_empty)
{
	switch (contents->kind) {
	case CONTENTS_LIST:
		return is_empty ? WASTE_EMPTY_LIST : WASTE_ROOM_LIST;
	case CONTENTS_MAPPING:
		return is_empty ? WASTE_EMPTY_MAPPING : WASTE_ROOM_MAPPING;
	default:
		return is_empty ? WASTE_EMPTY_SET : WASTE_ROOM_SET;
	}
}

/* A container that is empty, or that has more room than a copy of it would have. */
static bool take_room(struct waste *waste, uint32_t object, const struct contents *contents)
{
	bool is_empty = !contents->count && contents->is_plain;
	struct waste_candidate candidate = {.object = object,
					    .kind = room_kind(contents, is_empty),
					    .bytes = waste_bytes(waste->graph, object)};

	if (waste->graph->flags[object] & (OBJECT_IMMORTAL | OBJECT_STATIC) ||
	    (!is_empty && contents->room <= contents->fresh))
		return true;
	candidate.savings =
		(int64_t)(is_empty ? candidate.bytes : contents->room - contents->fresh);
	holder_weigh(&waste->holders, object, (uint64_t)candidate.savings);
	return vector_push(&waste->rooms, candidate);
}

/* Texts, bytes and the kinds of all objects; holders need equal texts. */
static bool read_all(struct waste *waste)
{
	const uint8_t *state = waste->source->snapshot->reachability.state;

	for (uint32_t i = 0; i < waste->graph->object_count; i++) {
		struct contents contents;

		waste->kind[i] = CONTENTS_UNKNOWN;
		if (state[i] != STATE_LIVE || !waste_read(waste, i, &contents))
			continue;
		waste->kind[i] = (uint8_t)contents.kind;
		if (contents.bytes && !copies_take(waste, i, &contents))
			return false;
	}
	return true;
}

static bool take_all(struct waste *waste)
{
	for (uint32_t i = 0; i < waste->graph->object_count; i++) {
		uint8_t kind = waste->kind[i];
		struct contents contents;

		if ((!is_container(kind) && kind != CONTENTS_TUPLE) ||
		    !waste_read(waste, i, &contents))
			continue;
		if (is_container(kind) && !take_room(waste, i, &contents))
			return false;
		if ((kind == CONTENTS_LIST || kind == CONTENTS_TUPLE) &&
		    !numbers_take(waste, i, &contents))
			return false;
	}
	copies_weigh(waste);
	return true;
}

/* Nobody can copy a namespace, or a table of the runtime's. */
static bool group_room(struct waste *waste, struct waste_candidate *candidate)
{
	struct holder holder = holder_of(&waste->holders, candidate->object);

	if (holder_is_runtime(&waste->holders, &holder)) {
		candidate->group = GROUP_NONE;
		return true;
	}
	candidate->group = waste_groups_find(&waste->groups, candidate->kind, &holder);
	return candidate->group != GROUP_NONE;
}

static bool group_all(struct waste *waste)
{
	vector_each (&waste->rooms, candidate)
		if (!group_room(waste, candidate))
			return false;
	vector_each (&waste->packs, candidate) {
		struct holder holder = holder_of(&waste->holders, candidate->object);

		candidate->group = waste_groups_find(&waste->groups, candidate->kind, &holder);
		if (candidate->group == GROUP_NONE)
			return false;
	}
	return copies_group(waste);
}

static void sum_rooms(struct waste *waste)
{
	vector_each (&waste->rooms, candidate) {
		struct waste_group *group = &waste->groups.groups.items[candidate->group];

		if (candidate->group == GROUP_NONE)
			continue;
		group->objects++;
		group->bytes += candidate->bytes;
		group->savings += candidate->savings;
		waste_group_example(group, candidate->object, (uint64_t)candidate->savings);
	}
}

static int compare_groups(const void *left, const void *right)
{
	const struct waste_group *a = *(const struct waste_group *const *)left;
	const struct waste_group *b = *(const struct waste_group *const *)right;

	if (a->savings != b->savings)
		return a->savings > b->savings ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void add_row(struct waste *waste, const struct waste_group *group, const char *holder)
{
	bool counts = group->kind == WASTE_EQUAL_TEXT || group->kind == WASTE_EQUAL_BYTES ||
		      group->kind == WASTE_INTEGERS || group->kind == WASTE_FLOATS;
	struct snapshot_waste row = {
		.kind = kinds[group->kind].name,
		.advice = kinds[group->kind].advice,
		.holder = holder,
		.objects = group->objects,
		.has_distinct = counts,
		.distinct = group->distinct,
		.bytes = group->bytes,
		.savings = (uint64_t)group->savings,
		.example = group->example,
		.example_weight = group->weight,
	};

	vector_push(&waste->source->snapshot->waste, row);
}

static void add_to_others(struct waste_group *others, const struct waste_group *group)
{
	others->kind = group->kind;
	others->objects += group->objects;
	others->distinct += group->distinct;
	others->bytes += group->bytes;
	others->savings += group->savings;
	if (others->savings == group->savings)
		others->example = OBJECT_NONE;
	waste_group_example(others, group->example, group->weight);
}

static bool make_rows(struct waste *waste)
{
	struct waste_groups *groups = &waste->groups;
	CLEANUP_FREE struct waste_group **order =
		malloc((groups->groups.count + 1) * sizeof(*order));
	struct waste_group others[WASTE_KINDS] = {{.savings = 0}};
	size_t count = 0;

	if (!order)
		return false;
	vector_each (&groups->groups, group)
		if (group->savings > 0)
			order[count++] = group;
	qsort(order, count, sizeof(*order), compare_groups);
	for (size_t i = 0; i < count; i++) {
		const char *holder;

		if (i >= MOST_ROWS) {
			add_to_others(&others[order[i]->kind], order[i]);
			continue;
		}
		holder = holder_text(&waste->holders, &order[i]->holder);
		if (!holder)
			return false;
		add_row(waste, order[i], holder);
	}
	for (size_t i = 0; i < WASTE_KINDS; i++)
		if (others[i].savings)
			add_row(waste, &others[i], "");
	return !waste->source->snapshot->waste.failed;
}

static bool find_all(struct waste *waste)
{
	if (!read_all(waste) || !take_all(waste) || !group_all(waste))
		return false;
	sum_rooms(waste);
	copies_sum(waste);
	numbers_sum(waste);
	return make_rows(waste);
}

static bool init(struct waste *waste)
{
	size_t room = (size_t)waste->graph->object_count + 1;

	waste->kind = malloc(room);
	waste->first_equal = malloc(room * sizeof(*waste->first_equal));
	waste->next_equal = malloc(room * sizeof(*waste->next_equal));
	waste->tally = calloc(room, sizeof(*waste->tally));
	waste->group = malloc(room * sizeof(*waste->group));
	if (!waste->kind || !waste->first_equal || !waste->next_equal || !waste->tally ||
	    !waste->group)
		return false;
	memset(waste->first_equal, 0xff, room * sizeof(*waste->first_equal));
	memset(waste->group, 0xff, room * sizeof(*waste->group));
	return holder_source_init(&waste->holders, waste->source->collection,
				  waste->source->snapshot, waste->first_equal);
}

static void release(struct waste *waste)
{
	free(waste->kind);
	free(waste->first_equal);
	free(waste->next_equal);
	free(waste->tally);
	free(waste->group);
	free(waste->slots);
	holder_source_release(&waste->holders);
	waste_groups_release(&waste->groups);
	vector_release(&waste->rooms);
	vector_release(&waste->packs);
}

bool waste_find(const struct waste_source *source, struct error *err)
{
	struct waste waste = {.source = source, .graph = source->snapshot->graph};
	bool done = init(&waste) && find_all(&waste);

	release(&waste);
	return done || error_out_of_memory(err, "looking for waste");
}
