#include "pipeline/paths.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *type_name(const struct collection *collection,
			     const struct snapshot *snapshot, uint32_t object)
{
	return collection->types.items[snapshot->graph->type[object]].name;
}

static const char *static_text(const struct collection *collection,
			       const struct snapshot *snapshot, uint32_t object)
{
	char value[VALUE_TEXT_SIZE];
	const char *text = snapshot_value_text(snapshot, object, value);

	if (text)
		return arena_format(collection->arena, "<static %s %s>",
				    type_name(collection, snapshot, object), text);
	return arena_format(collection->arena, "<static %s at 0x%" PRIx64 ">",
			    type_name(collection, snapshot, object),
			    snapshot->graph->address[object]);
}

static const char *frame_text(const struct collection *collection,
			      const struct graph_root *root, const char *label)
{
	static const char prefix[] = "local ";
	const char *function = root->frame < collection->frames.count
				       ? collection->frames.items[root->frame].function
				       : "?";

	/* Up to 3.10 frames are objects, whose locals are steps. */
	if (strcmp(label, "frame") == 0)
		return arena_format(collection->arena, "thread %u frame %s()", root->thread + 1,
				    function);
	if (strncmp(label, prefix, strlen(prefix)) == 0)
		return arena_format(collection->arena, "thread %u frame %s() local '%s'",
				    root->thread + 1, function, label + strlen(prefix));
	return arena_format(collection->arena, "thread %u frame %s() %s", root->thread + 1,
			    function, label);
}

static const char *root_text(const struct collection *collection,
			     const struct snapshot *snapshot, const struct graph_root *root)
{
	const char *style = snapshot_label_expression(snapshot, root->label);
	const char *label = style ? style : names_get(collection->labels, root->label);
	struct arena *arena = collection->arena;

	switch (root->kind) {
	case ROOT_STATIC:
		return static_text(collection, snapshot, root->object);
	case ROOT_GLOBAL:
		return arena_format(arena, "C variable %s", label);
	case ROOT_FRAME:
		return frame_text(collection, root, label);
	case ROOT_THREAD:
		if (root->thread == OBJECT_NONE)
			break;
		return arena_format(arena, "thread %u %s", root->thread + 1, label);
	case ROOT_C_LOCAL:
		return arena_format(arena, "thread %u C local %s", root->thread + 1, label);
	case ROOT_STACK:
	case ROOT_REGISTER:
		return arena_format(arena, "thread %u %s", root->thread + 1,
				    root->kind == ROOT_STACK ? "C stack" : "register");
	case ROOT_NATIVE:
		return arena_format(arena, "native word at 0x%" PRIx64, root->address);
	case ROOT_INTERPRETER:
	case ROOT_KINDS:
		break;
	}
	return label;
}

/* Styles of all labels that references have by now, and room for the weights alone. */
static bool find_styles(const struct collection *collection, const struct runtime_ops *runtime,
			struct snapshot *snapshot, uint8_t *ret_weights)
{
	uint32_t count = names_count(collection->labels);
	struct label_style *styles =
		arena_alloc(collection->arena, (size_t)(count + 1) * sizeof(*styles));

	if (!styles)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		styles[i] = runtime->label_style(names_get(collection->labels, i));
		ret_weights[i] = styles[i].weight;
	}
	snapshot->label_styles = styles;
	snapshot->label_style_count = count;
	return true;
}

/* The interned strings' roots are thousands, and no path begins there. */
static bool name_roots(const struct collection *collection, struct snapshot *snapshot)
{
	uint32_t count = snapshot->graph->root_count;
	const char **texts =
		arena_alloc(collection->arena, (size_t)(count + 1) * sizeof(*texts));

	if (!texts)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct graph_root *root = &snapshot->graph->roots[i];

		texts[i] = root->counted < 0 && root->kind != ROOT_STATIC
				   ? ""
				   : root_text(collection, snapshot, root);
		if (!texts[i])
			return false;
	}
	snapshot->root_expressions = texts;
	return true;
}

bool paths_find(const struct collection *collection, const struct runtime_ops *runtime,
		struct snapshot *snapshot, struct error *err)
{
	size_t labels = names_count(collection->labels);
	CLEANUP_FREE uint8_t *weights = calloc(labels + 1, 1);

	if (!weights || !find_styles(collection, runtime, snapshot, weights) ||
	    !name_roots(collection, snapshot))
		return error_out_of_memory(err, "looking for paths");
	return paths_compute(snapshot->graph, &snapshot->reachability, &snapshot->dominators,
			     weights, &snapshot->paths, err);
}

/* Where the texts of a path come from, and of its last step. */
struct path_context {
	const struct collection *collection;
	const struct snapshot *snapshot;
	char key[VALUE_TEXT_SIZE];
};

static void read_key(struct path_context *context, uint32_t reference,
		     struct expression_step *ret)
{
	uint32_t key = snapshot_key_of(context->snapshot, ret->parent, reference);

	if (key == OBJECT_NONE)
		return;
	ret->key_type = type_name(context->collection, context->snapshot, key);
	ret->key_value = snapshot_value_text(context->snapshot, key, context->key);
}

static bool read_step(void *opaque, uint32_t object, struct expression_step *ret)
{
	struct path_context *context = opaque;
	const struct snapshot *snapshot = context->snapshot;
	const struct paths *paths = &snapshot->paths;
	uint32_t reference = paths->step[object], label;

	*ret = (struct expression_step){.parent = paths->parent[object],
					.jump = paths->jump[object],
					.depth = paths->depth[object]};
	if (ret->parent == OBJECT_NONE)
		return true;
	label = snapshot->graph->label[reference];
	ret->ordinal = snapshot->graph->ordinal[reference];
	ret->label = names_get(context->collection->labels, label);
	ret->expression = snapshot_label_expression(snapshot, label);
	read_key(context, reference, ret);
	return true;
}

static bool read_start(void *opaque, uint32_t object, char *ret, size_t size)
{
	struct path_context *context = opaque;
	const struct snapshot *snapshot = context->snapshot;
	uint32_t root = snapshot->paths.step[object];

	if (root != OBJECT_NONE)
		snprintf(ret, size, "%s", snapshot->root_expressions[root]);
	else
		expression_write_rootless(
			object_state_name(snapshot->reachability.state[object]),
			type_name(context->collection, snapshot, object),
			snapshot->graph->address[object], ret, size);
	return true;
}

const char *paths_text(const struct collection *collection, const struct snapshot *snapshot,
		       uint32_t object)
{
	struct path_context context = {.collection = collection, .snapshot = snapshot};
	const struct expression_source source = {&context, read_step, read_start};
	struct expression expression;

	return expression_write(&source, object, &expression)
		       ? arena_string(collection->arena, expression.text)
		       : NULL;
}
