#include "pipeline/holders.h"

#include "analysis/expression.h"

#include <stdlib.h>

bool holder_source_init(struct holder_source *source, const struct collection *collection,
			const struct snapshot *snapshot, const uint32_t *first_equal)
{
	*source = (struct holder_source){
		.collection = collection,
		.snapshot = snapshot,
		.first_equal = first_equal,
		.weight = calloc((size_t)snapshot->graph->object_count + 1,
				 sizeof(*source->weight)),
		.item_label = names_add(collection->labels, "[]"),
		.key_label = names_add(collection->labels, "key"),
		.value_label = names_add(collection->labels, "value"),
	};
	return source->weight;
}

void holder_source_release(struct holder_source *source)
{
	free(source->weight);
	*source = (struct holder_source){.weight = NULL};
}

static const struct type_report *type_of(const struct holder_source *source, uint32_t object)
{
	return &source->collection->types.items[source->snapshot->graph->type[object]];
}

static uint32_t key_of(const struct holder_source *source, uint32_t parent, uint32_t reference)
{
	uint32_t key;

	if (source->snapshot->graph->label[reference] != source->value_label)
		return OBJECT_NONE;
	key = snapshot_key_of(source->snapshot, parent, reference);
	if (key == OBJECT_NONE || source->first_equal[key] == OBJECT_NONE)
		return HOLDER_ANY_KEY;
	return source->first_equal[key];
}

static void end_at_root(const struct holder_source *source, uint32_t object, struct holder *ret)
{
	uint32_t root = source->snapshot->paths.step[object];

	ret->end = root == OBJECT_NONE ? HOLDER_NOBODY : HOLDER_ROOT;
	ret->at = root;
}

/* Of an object that a step leads from: whether the path behind it is of interest, too. */
static bool end_at_object(const struct holder_source *source, uint32_t object,
			  struct holder *ret)
{
	enum object_category category = type_of(source, object)->category;

	if (category == CATEGORY_CONTAINERS && ret->steps < HOLDER_STEPS)
		return false;
	ret->end = category == CATEGORY_TYPES ? HOLDER_OBJECT : HOLDER_TYPE;
	ret->at = category == CATEGORY_TYPES ? object : source->snapshot->graph->type[object];
	return true;
}

/* As it is, with keys that are data. */
static struct holder trace(const struct holder_source *source, uint32_t object)
{
	const struct paths *paths = &source->snapshot->paths;
	struct holder holder = {.end = HOLDER_NOBODY};

	do {
		uint32_t parent = paths->parent[object];

		if (parent == OBJECT_NONE) {
			end_at_root(source, object, &holder);
			return holder;
		}
		holder.labels[holder.steps] =
			source->snapshot->graph->label[paths->step[object]];
		holder.keys[holder.steps++] = key_of(source, parent, paths->step[object]);
		object = parent;
	} while (!end_at_object(source, object, &holder));
	return holder;
}

void holder_weigh(struct holder_source *source, uint32_t object, uint64_t bytes)
{
	struct holder holder = trace(source, object);
	uint32_t weight = bytes >> 10 < HOLDER_NAME_WEIGHT ? (uint32_t)(bytes >> 10) + 1
							   : HOLDER_NAME_WEIGHT;

	for (uint32_t i = 0; i < holder.steps; i++)
		if (holder.keys[i] < HOLDER_ANY_KEY &&
		    source->weight[holder.keys[i]] < HOLDER_NAME_WEIGHT)
			source->weight[holder.keys[i]] += weight;
}

struct holder holder_of(const struct holder_source *source, uint32_t object)
{
	struct holder holder = trace(source, object);

	for (uint32_t i = 0; i < holder.steps; i++)
		if (holder.keys[i] < HOLDER_ANY_KEY &&
		    source->weight[holder.keys[i]] < HOLDER_NAME_WEIGHT)
			holder.keys[i] = HOLDER_ANY_KEY;
	return holder;
}

bool holder_is_runtime(const struct holder_source *source, const struct holder *holder)
{
	if (holder->end == HOLDER_ROOT)
		return !holder->steps &&
		       source->snapshot->graph->roots[holder->at].kind != ROOT_FRAME;
	return holder->end == HOLDER_OBJECT && holder->steps == 1 &&
	       snapshot_label_is_namespace(source->snapshot, holder->labels[0]);
}

static void write_end(const struct holder_source *source, const struct holder *holder,
		      char *ret)
{
	char value[VALUE_TEXT_SIZE];
	const char *text = "nobody known";

	if (holder->end == HOLDER_TYPE)
		text = source->collection->types.items[holder->at].name;
	else if (holder->end == HOLDER_ROOT)
		text = source->snapshot->root_expressions[holder->at];
	else if (holder->end == HOLDER_OBJECT)
		text = snapshot_value_text(source->snapshot, holder->at, value)
			       ? value
			       : type_of(source, holder->at)->name;
	snprintf(ret, EXPRESSION_SIZE, "%s", text);
}

/* A step without its position: any item, any key that is data. */
static void append_step(const struct holder_source *source, const struct holder *holder,
			uint32_t step, struct expression *ret)
{
	uint32_t label = holder->labels[step], key = holder->keys[step];
	char value[VALUE_TEXT_SIZE];
	struct expression_step written = {
		.label = names_get(source->collection->labels, label),
		.expression = snapshot_label_expression(source->snapshot, label),
	};

	if (label == source->item_label)
		written = (struct expression_step){.label = "item", .expression = "[]"};
	else if (label == source->key_label)
		written = (struct expression_step){.label = "keys", .expression = ".keys()"};
	else if (label == source->value_label && key == HOLDER_ANY_KEY)
		written = (struct expression_step){.label = "any", .expression = "[*]"};
	else if (key < HOLDER_ANY_KEY && snapshot_value_text(source->snapshot, key, value)) {
		written.key_type = type_of(source, key)->name;
		written.key_value = value;
	}
	expression_append(ret, &written);
}

const char *holder_text(const struct holder_source *source, const struct holder *holder)
{
	char end[EXPRESSION_SIZE];
	struct expression text;

	write_end(source, holder, end);
	expression_start(&text, end);
	for (uint32_t i = holder->steps; i-- > 0;)
		append_step(source, holder, i, &text);
	expression_finish(&text);
	return arena_string(source->collection->arena, text.text);
}
