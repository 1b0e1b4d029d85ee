#include "pipeline/findings/holder.h"

#include "analysis/expression.h"
#include "base/cleanup.h"
#include "pipeline/paths.h"

#include <stdlib.h>

#define WAY_UP          8   /* steps that are looked at for what is alike */
#define MOST_PARTS      3   /* that a title tells */
#define PATTERN_PERCENT 60u /* of its bytes, that a pattern must have */

struct description {
	const struct findings *findings;
	const struct owners *owners;
	const struct graph *graph;
	const uint32_t *parent;
	uint32_t index;
	struct holder *holder;
};

/* The objects that the holder has. */
#define members_each(description, member)                                                   \
	for (const uint32_t *member = (description)->owners->members +                      \
				      (description)->owners->first[(description)->index],   \
			    *end_ = (description)->owners->members +                        \
				    (description)->owners->first[(description)->index + 1]; \
	     member < end_; member++)

/* Of the others' objects those that are below this one with none of another's between. */
static bool list_apart(struct description *description)
{
	const struct owners *owners = description->owners;
	VECTOR_OF(uint32_t) apart = {0};

	vector_each (&owners->found.items, item) {
		uint32_t above = description->parent[item->node];

		if (above != OBJECT_NONE && owners->owner[above] == description->index)
			vector_push(&apart, item->node);
	}
	description->holder->apart =
		apart.failed ? NULL
			     : findings_ids(description->findings, apart.items, apart.count);
	vector_release(&apart);
	return description->holder->apart;
}

static void add_entry(struct holder *holder, struct type_count *by_type, uint32_t type,
		      uint64_t bytes)
{
	holder->entries++;
	by_type[type].type = type;
	by_type[type].objects++;
	by_type[type].bytes += bytes;
	if (by_type[type].bytes > holder->entry.bytes)
		holder->entry = by_type[type];
}

static bool is_key(const struct description *description, uint32_t object)
{
	return !strcmp(
		names_get(description->findings->collection->labels,
			  description->graph
				  ->label[description->findings->snapshot->paths.step[object]]),
		"key");
}

/* The entries among the children on paths that are nobody else's, by what each retains. */
static bool read_entries(struct description *description)
{
	const struct owners *owners = description->owners;
	size_t types = description->findings->collection->types.count;
	CLEANUP_FREE struct type_count *by_type = calloc(types + 1, sizeof(*by_type));
	const uint64_t *retained = description->findings->snapshot->dominators.retained;
	struct holder *holder = description->holder;

	if (!by_type)
		return false;
	members_each(description, member)
	{
		if (description->parent[*member] == holder->object &&
		    owners->is_entry[*member] && !is_key(description, *member))
			add_entry(holder, by_type, description->graph->type[*member],
				  retained[*member]);
	}
	return true;
}

static void settle_bytes(struct description *description)
{
	struct holder *holder = description->holder;

	holder->keeper = shared_keeper(description->findings, holder->object,
				       description->owners->found.total[holder->object]);
	holder->alone = holder->keeper == holder->object && !*holder->apart;
	if (holder->alone)
		holder->bytes =
			description->findings->snapshot->dominators.retained[holder->object];
}

static void keep_largest(struct holder *holder, const struct type_count *count)
{
	struct type_count kept = *count;

	for (size_t i = 0; i < HOLDER_TYPES; i++)
		if (!holder->contents[i].objects || kept.bytes > holder->contents[i].bytes) {
			struct type_count moved = holder->contents[i];

			holder->contents[i] = kept;
			kept = moved;
			if (!kept.objects)
				return;
		}
}

/* Of things that are alike and below each other, a traceback's for one, the first has them all. */
static bool is_nested(const struct description *description, uint32_t object)
{
	uint32_t type = description->graph->type[object];

	for (int i = 0; i < WAY_UP && object != description->holder->object; i++) {
		object = description->parent[object];
		if (description->graph->type[object] == type)
			return true;
	}
	return false;
}

static bool read_contents(struct description *description)
{
	size_t types = description->findings->collection->types.count;
	struct holder *holder = description->holder;
	CLEANUP_FREE struct type_count *counts = calloc(types + 1, sizeof(*counts));

	holder->below_by_type = calloc(types + 1, sizeof(*holder->below_by_type));
	if (!counts || !holder->below_by_type)
		return false;
	holder->below = description->owners->found.total[holder->object];
	members_each(description, member)
	{
		uint32_t type = description->graph->type[*member];
		uint64_t own = own_bytes(description->graph, *member);

		counts[type].type = type;
		counts[type].objects++;
		counts[type].bytes += own;
		if (!is_nested(description, *member))
			holder->below_by_type[type] +=
				description->owners->found.total[*member];
		holder->objects++;
		holder->bytes += own;
		holder->native += description->owners->native[*member];
	}
	for (uint32_t i = 0; i < types; i++)
		if (counts[i].objects)
			keep_largest(holder, &counts[i]);
	return true;
}

/* A step of a pattern: references of one name, or by one key, to objects of one type. */
struct step {
	uint64_t key; /* label and type */
	uint32_t by;  /* the key's object, or OBJECT_NONE: any */
	uint64_t bytes, objects;
};

static bool same_step(const struct step *a, const struct step *b)
{
	return a->key == b->key && a->by == b->by;
}

static struct step step_to(const struct description *description, uint32_t object, bool by_key)
{
	uint32_t reference = description->findings->snapshot->paths.step[object];
	uint32_t label = description->graph->label[reference];

	return (struct step){
		.key = (uint64_t)label << 32 | description->graph->type[object],
		.by = by_key ? snapshot_key_of(description->findings->snapshot,
					       description->parent[object], reference)
			     : OBJECT_NONE,
		.bytes = description->owners->found.total[object],
		.objects = 1,
	};
}

static bool is_on_level(const struct description *description, const uint8_t *level,
			uint32_t object, uint8_t depth)
{
	uint32_t above = description->parent[object];

	return above != OBJECT_NONE && level[above] == depth;
}

/*
 * The one step from a level that can have more than half of the bytes there, by a vote in which
 * those that differ cancel each other out: no sum for each of a million keys.
 */
static struct step elect_step(const struct description *description, const uint8_t *level,
			      uint8_t depth, bool by_key)
{
	struct step elected = {0};
	uint64_t lead = 0;

	members_each(description, member)
	{
		struct step step;

		if (!is_on_level(description, level, *member, depth))
			continue;
		step = step_to(description, *member, by_key);
		if (same_step(&step, &elected)) {
			lead += step.bytes;
		} else if (step.bytes > lead) {
			lead = step.bytes - lead;
			elected = step;
		} else {
			lead -= step.bytes;
		}
	}
	return elected;
}

/* The step from a level that has most of the holder's bytes; false: none has. */
static bool find_step(const struct description *description, const uint8_t *level,
		      uint8_t depth, bool by_key, struct step *ret)
{
	*ret = elect_step(description, level, depth, by_key);
	ret->bytes = ret->objects = 0;
	members_each(description, member)
	{
		struct step step;

		if (!is_on_level(description, level, *member, depth))
			continue;
		step = step_to(description, *member, by_key);
		if (!same_step(&step, ret))
			continue;
		ret->bytes += step.bytes;
		ret->objects++;
	}
	return ret->objects &&
	       ret->bytes * 100 >=
		       description->owners->found.total[description->holder->object] *
			       PATTERN_PERCENT;
}

/* Goes from the objects of a level to the ones below them that have most; false: none have. */
static bool descend(struct description *description, uint8_t *level, uint8_t depth,
		    struct step *ret)
{
	bool by_key = find_step(description, level, depth, true, ret);

	if (!by_key && !find_step(description, level, depth, false, ret))
		return false;
	members_each(description, member)
	{
		struct step step;

		if (!is_on_level(description, level, *member, depth))
			continue;
		step = step_to(description, *member, by_key);
		if (same_step(&step, ret))
			level[*member] = (uint8_t)(depth + 1);
	}
	return true;
}

/* A step that stands for many. */
static void append_step(const struct description *description, const struct step *step,
			struct expression *ret)
{
	const struct findings *findings = description->findings;
	uint32_t label = (uint32_t)(step->key >> 32);
	const char *name = names_get(findings->collection->labels, label);
	char value[VALUE_TEXT_SIZE];
	struct expression_step written = {
		.label = name,
		.expression = snapshot_label_expression(findings->snapshot, label),
	};

	if (!strcmp(name, "key"))
		written = (struct expression_step){.label = "keys", .expression = ".keys()[*]"};
	else if (!strcmp(name, "[]") || (!strcmp(name, "value") && step->by == OBJECT_NONE))
		written = (struct expression_step){.label = "any", .expression = "[*]"};
	if (step->by != OBJECT_NONE) {
		written.key_type =
			findings->collection->types.items[description->graph->type[step->by]]
				.name;
		written.key_value = snapshot_value_text(findings->snapshot, step->by, value);
	}
	expression_append(ret, &written);
}

/* Of a linked list each link leads to one that has all the rest. */
static bool is_next_of_chain(const struct description *description, const struct step *step)
{
	return step->objects == 1 &&
	       (uint32_t)step->key == description->graph->type[description->holder->object];
}

static bool find_pattern(struct description *description)
{
	CLEANUP_FREE uint8_t *level =
		calloc((size_t)description->graph->object_count + 1, sizeof(*level));
	struct holder *holder = description->holder;
	struct expression pattern;
	struct step step;

	if (!level)
		return false;
	expression_start(&pattern, "");
	level[holder->object] = 1;
	for (uint8_t depth = 1, steps = 0; steps < HOLDER_STEPS && depth < 2 * HOLDER_STEPS;
	     depth++) {
		if (!descend(description, level, depth, &step) ||
		    is_next_of_chain(description, &step))
			break;
		append_step(description, &step, &pattern);
		steps += !pattern.in_namespace; /* which nobody writes */
		holder->most =
			(struct type_count){(uint32_t)step.key, step.objects, step.bytes};
	}
	expression_finish(&pattern);
	holder->pattern = arena_string(description->findings->arena, pattern.text);
	return holder->pattern != NULL;
}

/* "thread 1 frame main() local 'app'._items" from where the path of the other ends; or all. */
static const char *path_from(const char *path, const char *start)
{
	size_t length = strlen(start);

	return strncmp(path, start, length) == 0 && path[length] ? path + length : path;
}

static bool list_parts(struct description *description)
{
	const struct findings *findings = description->findings;
	struct holder *holder = description->holder;
	const char *start = paths_text(findings->collection, findings->snapshot, holder->named);
	size_t count = 0;

	holder->parts = "";
	vector_each (&description->owners->shared, part) {
		const char *path;

		if (part->keeper != holder->object || count == MOST_PARTS)
			continue;
		path = paths_text(findings->collection, findings->snapshot,
				  owners_named(findings, part->node));
		if (!start || !path)
			return false;
		holder->parts = arena_format(findings->arena, "%s%s%s", holder->parts,
					     count++ ? ", " : "", path_from(path, start));
		if (!holder->parts)
			return false;
	}
	return true;
}

bool holder_describe(const struct findings *findings, const struct owners *owners,
		     uint32_t index, struct holder *ret, struct error *err)
{
	struct description description = {
		.findings = findings,
		.owners = owners,
		.graph = findings->snapshot->graph,
		.parent = findings->snapshot->paths.parent,
		.index = index,
		.holder = ret,
	};

	*ret = (struct holder){.object = owners->found.items.items[index].node};
	ret->named = owners_named(findings, ret->object);
	if (!list_parts(&description) || !list_apart(&description) ||
	    !read_entries(&description) || !read_contents(&description) ||
	    !find_pattern(&description)) {
		holder_release(ret);
		return error_out_of_memory(err, "describing owners");
	}
	settle_bytes(&description);
	return true;
}

void holder_release(struct holder *holder)
{
	free(holder->below_by_type);
	*holder = (struct holder){0};
}
