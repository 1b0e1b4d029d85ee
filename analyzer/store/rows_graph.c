#include "store/rows.h"

#include <stdlib.h>

bool rows_labels(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	uint32_t count = snapshot->labels ? names_count(snapshot->labels) : 0;

	for (uint32_t i = 0; i < count; i++) {
		const char *expression = snapshot_label_expression(snapshot, i);

		insert_id(insert, i);
		insert_text(insert, names_get(snapshot->labels, i));
		if (expression)
			insert_text(insert, expression);
		else
			insert_null(insert);
		insert_integer(insert, i < snapshot->label_style_count
					       ? snapshot->label_styles[i].weight
					       : PATH_WEIGHT_MOST);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_types(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->types.count; i++) {
		const struct snapshot_type *type = &snapshot->types.items[i];

		insert_id(insert, i);
		insert_id(insert, type->object);
		insert_text(insert, type->name);
		insert_known_text(insert, type->struct_name);
		insert_text(insert, type_layout_name(type->layout));
		insert_unsigned(insert, type->size);
		insert_unsigned(insert, type->item_size);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

/* What the columns of an object come from, besides the snapshot. */
struct object_columns {
	const struct snapshot *snapshot;
	uint32_t *cycle_of;          /* [components.count] index of the cycle, or OBJECT_NONE */
	char value[VALUE_TEXT_SIZE]; /* of the row that is being written */
};

static bool object_columns_init(struct object_columns *columns, const struct snapshot *snapshot)
{
	uint32_t components = snapshot->components.count;

	*columns = (struct object_columns){.snapshot = snapshot};
	columns->cycle_of = malloc(((size_t)components + 1) * sizeof(*columns->cycle_of));
	if (!columns->cycle_of)
		return false;
	memset(columns->cycle_of, 0xff, (size_t)components * sizeof(*columns->cycle_of));
	for (uint32_t i = 0; i < snapshot->cycles.count; i++)
		columns->cycle_of[snapshot->cycles.items[i].component] = i;
	return true;
}

static void bind_counts(struct insert *insert, const struct snapshot *snapshot, uint32_t object)
{
	const struct graph *graph = snapshot->graph;
	bool counted = graph->flags[object] & OBJECT_COUNTED;

	if (counted)
		insert_integer(insert, graph->refcount[object]);
	else
		insert_null(insert);
	insert_integer(insert, snapshot->ledger.found[object]);
	if (counted && !(graph->flags[object] & OBJECT_IMMORTAL))
		insert_integer(insert, snapshot->ledger.surplus[object]);
	else
		insert_null(insert);
	insert_text(insert, object_state_name(snapshot->reachability.state[object]));
}

static void bind_flags(struct insert *insert, const struct graph *graph, uint32_t object)
{
	uint8_t flags = graph->flags[object];
	uint8_t generation = graph->generation[object];

	insert_integer(insert, flags & OBJECT_TRACKED ? 1 : 0);
	if (flags & OBJECT_TRACKED && generation != GENERATION_NONE)
		insert_integer(insert, generation);
	else
		insert_null(insert);
	insert_integer(insert, flags & OBJECT_IMMORTAL ? 1 : 0);
	insert_integer(insert, flags & OBJECT_STATIC ? 1 : 0);
}

static void bind_place(struct insert *insert, const struct object_columns *columns,
		       uint32_t object)
{
	const struct snapshot *snapshot = columns->snapshot;
	uint32_t distance = snapshot->reachability.distance[object];
	uint32_t component = OBJECT_NONE;

	if (snapshot->components.component_of)
		component = snapshot->components.component_of[object];
	if (distance == UINT32_MAX)
		insert_null(insert);
	else
		insert_integer(insert, distance);
	insert_id(insert, snapshot->dominators.dominator
				  ? snapshot->dominators.dominator[object]
				  : OBJECT_NONE);
	insert_id(insert, component == OBJECT_NONE ? component : columns->cycle_of[component]);
}

static void bind_value(struct insert *insert, struct object_columns *columns, uint32_t object)
{
	if (snapshot_value_text(columns->snapshot, object, columns->value))
		insert_text(insert, columns->value);
	else
		insert_null(insert);
}

static bool write_object(struct insert *insert, struct object_columns *columns, uint32_t object,
			 struct error *err)
{
	const struct graph *graph = columns->snapshot->graph;
	const uint64_t *retained = columns->snapshot->dominators.retained;

	insert_id(insert, object);
	insert_unsigned(insert, graph->address[object]);
	insert_id(insert, graph->type[object]);
	insert_unsigned(insert, graph->size[object]);
	insert_unsigned(insert, graph->owned_size[object]);
	if (retained)
		insert_unsigned(insert, retained[object]);
	else
		insert_null(insert);
	bind_counts(insert, columns->snapshot, object);
	bind_flags(insert, graph, object);
	bind_place(insert, columns, object);
	bind_value(insert, columns, object);
	insert_integer(insert, graph->flags[object] & OBJECT_LENDER ? 1 : 0);
	insert_known(insert,
		     columns->snapshot->content ? columns->snapshot->content[object] : 0);
	insert_id(insert, columns->snapshot->place_of ? columns->snapshot->place_of[object]
						      : OBJECT_NONE);
	return insert_row(insert, err);
}

bool rows_objects(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	struct object_columns columns;
	bool ok = true;

	if (!snapshot->graph)
		return true;
	if (!object_columns_init(&columns, snapshot))
		return error_out_of_memory(err, "writing objects");
	for (uint32_t i = 0; ok && i < snapshot->graph->object_count; i++)
		ok = write_object(insert, &columns, i, err);
	free(columns.cycle_of);
	return ok;
}

enum { REFS_AT_ONCE = 32 }; /* rows of inserts/refs_many.sql */

/*
 * A place in the references.  Invariant: `reference` belongs to `source`, or source has none
 * left and the next one that has owns it.
 */
struct reference_cursor {
	const struct graph *graph;
	uint32_t source, reference;
};

static void bind_reference(struct insert *insert, struct reference_cursor *cursor)
{
	const struct graph *graph = cursor->graph;
	uint32_t reference = cursor->reference++;

	while (graph->first_reference[cursor->source + 1] <= reference)
		cursor->source++;
	insert_id(insert, cursor->source);
	insert_integer(insert, graph->ordinal[reference]);
	insert_id(insert, graph->target[reference]);
	insert_id(insert, graph->label[reference]);
	insert_integer(insert, graph->kind[reference]);
}

static bool write_many_references(struct insert *many, struct reference_cursor *cursor,
				  struct error *err)
{
	while (cursor->graph->reference_count - cursor->reference >= REFS_AT_ONCE) {
		for (int i = 0; i < REFS_AT_ONCE; i++)
			bind_reference(many, cursor);
		if (!insert_row(many, err))
			return false;
	}
	return true;
}

bool rows_refs(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	struct reference_cursor cursor = {.graph = snapshot->graph};
	struct insert many = {.database = insert->database, .path = insert->path};
	bool ok;

	if (!snapshot->graph)
		return true;
	ok = insert_open(&many, "refs_many", err) && write_many_references(&many, &cursor, err);
	insert_close(&many);
	while (ok && cursor.reference < cursor.graph->reference_count) {
		bind_reference(insert, &cursor);
		ok = insert_row(insert, err);
	}
	return ok;
}

bool rows_roots(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	uint32_t count = snapshot->graph ? snapshot->graph->root_count : 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct graph_root *root = &snapshot->graph->roots[i];

		insert_id(insert, i);
		insert_id(insert, root->object);
		insert_text(insert, root_kind_name(root->kind));
		insert_text(insert, names_get(snapshot->labels, root->label));
		insert_known(insert, root->address);
		insert_id(insert, root->thread);
		insert_id(insert, root->frame);
		insert_integer(insert, root->counted);
		insert_known_text(insert, snapshot->root_expressions
						  ? snapshot->root_expressions[i]
						  : NULL);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_paths(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	const struct paths *paths = &snapshot->paths;
	const struct graph *graph = snapshot->graph;

	if (!graph || !paths->parent)
		return true;
	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t parent = paths->parent[i], step = paths->step[i];

		insert_id(insert, i);
		insert_id(insert, parent);
		if (parent == OBJECT_NONE) {
			insert_null(insert);
			insert_null(insert);
			insert_null(insert);
			insert_id(insert, step);
		} else {
			insert_integer(insert, graph->ordinal[step]);
			insert_id(insert, graph->label[step]);
			insert_id(insert, snapshot_key_of(snapshot, parent, step));
			insert_null(insert);
		}
		insert_integer(insert, paths->depth[i]);
		insert_id(insert, paths->jump[i]);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
