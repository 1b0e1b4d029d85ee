#include "pipeline/findings/owners.h"

#include "base/cleanup.h"
#include "pipeline/private_memory.h"

#include <stdlib.h>

#define LEAST_BYTES ((uint64_t)1 << 20)
#define LEAST_PART  20u                 /* or one part in that many of all objects' bytes */
#define SMALL_TEXT  ((uint64_t)1 << 16) /* bytes of a docstring at most */

enum program_part {
	NO_PROGRAM,
	PROGRAM,  /* part of the program itself: a class, a module's namespace, its names */
	CONSTANT, /* of code, as is everything below it */
};

struct marker {
	const struct findings *findings;
	const struct graph *graph;
	const struct paths *paths;
	uint8_t *part; /* [object_count] enum program_part */
};

static const struct type_report *type_of(const struct marker *marker, uint32_t object)
{
	return &marker->findings->collection->types.items[marker->graph->type[object]];
}

static const char *label_of(const struct findings *findings, uint32_t object)
{
	const struct snapshot *snapshot = findings->snapshot;

	return names_get(findings->collection->labels,
			 snapshot->graph->label[snapshot->paths.step[object]]);
}

bool owners_is_namespace(const struct findings *findings, uint32_t object)
{
	const struct snapshot *snapshot = findings->snapshot;

	return snapshot->paths.parent[object] != OBJECT_NONE &&
	       snapshot_label_is_namespace(
		       snapshot, snapshot->graph->label[snapshot->paths.step[object]]);
}

uint32_t owners_named(const struct findings *findings, uint32_t object)
{
	return owners_is_namespace(findings, object) ? findings->snapshot->paths.parent[object]
						     : object;
}

/* Frames and what runs in them have data, and are no part of the program's text. */
static bool is_code(const struct type_report *type)
{
	static const char *const running[] = {"builtins.frame", "builtins.generator",
					      "builtins.coroutine", "builtins.async_generator",
					      "builtins.method"};

	if (type->category != CATEGORY_CODE)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(running); i++)
		if (strcmp(type->name, running[i]) == 0)
			return false;
	return true;
}

/* Does the object's path begin at it, with such a root? */
static bool begins_at(const struct snapshot *snapshot, uint32_t object, enum root_kind kind)
{
	uint32_t root = snapshot->paths.step[object];

	return snapshot->paths.parent[object] == OBJECT_NONE && root != OBJECT_NONE &&
	       snapshot->graph->roots[root].kind == kind;
}

bool owners_is_held_by_c(const struct findings *findings, uint32_t object)
{
	return begins_at(findings->snapshot, object, ROOT_GLOBAL) ||
	       begins_at(findings->snapshot, object, ROOT_NATIVE);
}

/* The interpreter's own: modules, and what else it finds by name. */
static bool is_table(const struct snapshot *snapshot, uint32_t object)
{
	return begins_at(snapshot, object, ROOT_INTERPRETER);
}

static enum program_part part_of_root(const struct marker *marker, uint32_t object)
{
	const struct type_report *type = type_of(marker, object);
	bool part = type->category == CATEGORY_TYPES || is_code(type) ||
		    is_table(marker->findings->snapshot, object);

	return part ? PROGRAM : NO_PROGRAM;
}

/* Of something below a part of the program. */
static enum program_part part_below(const struct marker *marker, uint32_t object,
				    uint32_t parent)
{
	const struct type_report *type = type_of(marker, object);

	if (!strcmp(type_of(marker, parent)->name, "builtins.code"))
		return CONSTANT;
	if (type->category == CATEGORY_TYPES || is_code(type) ||
	    owners_is_namespace(marker->findings, object))
		return PROGRAM;
	if ((type->category == CATEGORY_TEXT || type->category == CATEGORY_NUMBERS ||
	     !strcmp(label_of(marker->findings, object), "key")) &&
	    own_bytes(marker->graph, object) <= SMALL_TEXT)
		return PROGRAM;
	return NO_PROGRAM;
}

static enum program_part part_of(const struct marker *marker, uint32_t object)
{
	uint32_t parent = marker->paths->parent[object];

	if (parent == OBJECT_NONE)
		return part_of_root(marker, object);
	switch (marker->part[parent]) {
	case CONSTANT:
		return CONSTANT;
	case PROGRAM:
		return part_below(marker, object, parent);
	default:
		return NO_PROGRAM;
	}
}

static void weigh(const struct findings *findings, const struct owners *owners, uint8_t *part,
		  uint64_t *weight)
{
	struct marker marker = {findings, findings->snapshot->graph, &findings->snapshot->paths,
				part};
	const uint8_t *state = findings->snapshot->reachability.state;

	/* From the roots down. */
	for (uint32_t i = marker.graph->object_count; i-- > 0;) {
		uint32_t object = owners->order[i];

		part[object] = (uint8_t)part_of(&marker, object);
		owners->is_program[object] = part[object] != NO_PROGRAM;
		if (!owners->is_program[object] && state[object] == STATE_LIVE)
			weight[object] = own_bytes(marker.graph, object);
	}
}

/* Elements, keys and values, but not the values of a namespace. */
static void mark_entries(const struct findings *findings, bool *is_entry)
{
	const struct paths *paths = &findings->snapshot->paths;
	const struct graph *graph = findings->snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t parent = paths->parent[i];
		const char *label;

		if (parent == OBJECT_NONE)
			continue;
		label = label_of(findings, i);
		is_entry[i] = (!strcmp(label, "[]") || !strcmp(label, "key") ||
			       !strcmp(label, "value")) &&
			      !is_table(findings->snapshot, parent) &&
			      !owners_is_namespace(findings, parent);
	}
}

/* What is left of a module or a class is of many, and each has little: none of them is the
 * holder.  See scattered.h for those that are alike. */
static void leave_out_program(struct owners *owners)
{
	struct accumulations *found = &owners->found;
	size_t kept = 0;

	for (size_t i = 0; i < found->items.count; i++)
		if (!owners->is_program[found->items.items[i].node])
			found->items.items[kept++] = found->items.items[i];
	found->items.count = kept;
}

static void spread(const struct findings *findings, struct owners *owners)
{
	const struct graph *graph = findings->snapshot->graph;
	const uint32_t *parent = findings->snapshot->paths.parent;

	memset(owners->owner, 0xff, graph->object_count * sizeof(*owners->owner));
	for (uint32_t i = 0; i < owners->found.items.count; i++)
		owners->owner[owners->found.items.items[i].node] = i;
	for (uint32_t i = graph->object_count; i-- > 0;) {
		uint32_t object = owners->order[i];

		if (owners->owner[object] == OBJECT_NONE && parent[object] != OBJECT_NONE)
			owners->owner[object] = owners->owner[parent[object]];
	}
}

static bool list_members(struct owners *owners, uint32_t count)
{
	uint32_t found = (uint32_t)owners->found.items.count;
	uint32_t *first = calloc((size_t)found + 2, sizeof(*first));

	owners->first = first;
	owners->members = malloc(((size_t)count + 1) * sizeof(*owners->members));
	if (!first || !owners->members)
		return false;
	/* first[i + 1] is where the next member of i goes; in the end, where the next one begins. */
	for (uint32_t i = 0; i < count; i++)
		if (owners->owner[i] != OBJECT_NONE && owners->owner[i] + 2 <= found)
			first[owners->owner[i] + 2]++;
	for (uint32_t i = 0; i < found; i++)
		first[i + 1] += first[i];
	for (uint32_t i = 0; i < count; i++)
		if (owners->owner[i] != OBJECT_NONE)
			owners->members[first[owners->owner[i] + 1]++] = i;
	return true;
}

static void add_native(const struct snapshot *snapshot, uint64_t *ret)
{
	vector_each (&snapshot->blocks, block)
		if (block->owner != OBJECT_NONE && !strcmp(block->kind, KIND_PRIVATE))
			ret[block->owner] += block->size;
}

static uint64_t least_of(const struct graph *graph)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < graph->object_count; i++)
		bytes += own_bytes(graph, i);
	return bytes / LEAST_PART > LEAST_BYTES ? bytes / LEAST_PART : LEAST_BYTES;
}

static bool allocate(struct owners *owners, size_t count)
{
	owners->order = malloc((count + 1) * sizeof(*owners->order));
	owners->owner = malloc((count + 1) * sizeof(*owners->owner));
	owners->is_entry = calloc(count + 1, sizeof(*owners->is_entry));
	owners->is_program = calloc(count + 1, sizeof(*owners->is_program));
	owners->native = calloc(count + 1, sizeof(*owners->native));
	return owners->order && owners->owner && owners->is_entry && owners->is_program &&
	       owners->native;
}

static bool find(const struct findings *findings, struct owners *owners, struct error *err)
{
	const struct graph *graph = findings->snapshot->graph;
	const uint32_t *parent = findings->snapshot->paths.parent;
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint64_t *weight = calloc(room, sizeof(*weight));
	CLEANUP_FREE uint8_t *part = calloc(room, 1);
	struct owner_tree tree = {graph->object_count, parent, weight, graph->type,
				  owners->is_entry};

	if (!weight || !part)
		return error_out_of_memory(err, "looking for owners");
	if (!owner_tree_order(parent, graph->object_count, owners->order, err))
		return false;
	mark_entries(findings, owners->is_entry);
	weigh(findings, owners, part, weight);
	owners->least = least_of(graph);
	add_native(findings->snapshot, owners->native);
	if (!accumulations_find(&tree, owners->least, &owners->found, err))
		return false;
	leave_out_program(owners);
	shared_join(findings, owners->is_program, &owners->found, &owners->shared);
	spread(findings, owners);
	if (owners->shared.failed || !list_members(owners, graph->object_count))
		return error_out_of_memory(err, "looking for owners");
	return true;
}

bool owners_find(const struct findings *findings, struct owners *ret, struct error *err)
{
	*ret = (struct owners){0};
	if (!allocate(ret, findings->snapshot->graph->object_count)) {
		owners_release(ret);
		return error_out_of_memory(err, "looking for owners");
	}
	if (find(findings, ret, err))
		return true;
	owners_release(ret);
	return false;
}

void owners_release(struct owners *owners)
{
	accumulations_release(&owners->found);
	vector_release(&owners->shared);
	free(owners->order);
	free(owners->is_entry);
	free(owners->is_program);
	free(owners->native);
	free(owners->owner);
	free(owners->first);
	free(owners->members);
	*owners = (struct owners){0};
}
