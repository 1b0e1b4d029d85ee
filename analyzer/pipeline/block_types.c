#include "pipeline/block_types.h"

#include "pipeline/block_holders.h"
#include "pipeline/private_memory.h"
#include "pipeline/structs.h"
#include "typing/typegraph.h"

#include <stdlib.h>

#define NOT_ASKED UINT32_MAX
#define NO_SOURCE (UINT32_MAX - 1)

/* Their memory is the runtime's matter: pointers to objects say nothing new. */
static const char *const known_structs[] = {"_object", NULL};

struct types {
	struct target *target;
	const struct collection *collection;
	struct snapshot *snapshot;
	struct typegraph *graph;
	struct structs structs;
	uint32_t *sources; /* by type: of its instances */
};

/* Whose a private block is, is known, but not what it is. */
static bool is_untyped(const struct snapshot_block *row)
{
	return row->state == BLOCK_USED &&
	       (*row->kind ? !strcmp(row->kind, KIND_PRIVATE) : row->owner == OBJECT_NONE);
}

static void add_blocks(struct types *types)
{
	vector_each (&types->snapshot->blocks, row) {
		struct fit_block block = {row->address, row->size, false};
		const struct block_report *native;

		if (!is_untyped(row))
			continue;
		collection_leave_pads(types->collection, &block.address, &block.size);
		native = collection_native_block_at(types->collection, row->address);
		block.is_mapped = native && native->place == BLOCK_MAPPED;
		typegraph_add_block(types->graph, &block);
	}
}

static bool add_source(struct types *types, const struct debug_info *debug, uint32_t type,
		       const char *label, uint32_t *ret)
{
	return debug && typegraph_add_source(types->graph, debug, type, label, ret);
}

/* A static type has less than the struct of its metatype. */
static uint64_t struct_size(const struct graph *graph, uint32_t object,
			    const struct type_report *type)
{
	uint64_t size = debug_type(type->debug, type->struct_type)->size;

	return size < graph->size[object] ? size : graph->size[object];
}

/* Objects of types whose struct has pointers that would say something. */
static void add_objects(struct types *types)
{
	const struct graph *graph = types->snapshot->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t *source = &types->sources[graph->type[i]];
		const struct type_report *type =
			&types->collection->types.items[graph->type[i]];

		if (*source == NOT_ASKED &&
		    !add_source(types, type->debug, type->struct_type, type->name, source))
			*source = NO_SOURCE;
		if (*source != NO_SOURCE)
			typegraph_add_place(types->graph, *source, graph->address[i],
					    struct_size(graph, i, type));
	}
}

static void add_natives(struct types *types)
{
	vector_each (&types->collection->natives, native) {
		const struct debug_type *type = debug_type(native->debug, native->type);
		uint32_t source;

		if (add_source(types, native->debug, native->type, type->name, &source))
			typegraph_add_place(types->graph, source, native->address, type->size);
	}
}

static void fill_row(struct types *types, struct snapshot_block *row)
{
	char evidence[EVIDENCE_SIZE];
	struct typing typing;
	const struct debug_info *debug;
	addr_t address = row->address;
	uint64_t size = row->size;
	uint32_t type;

	collection_leave_pads(types->collection, &address, &size);
	if (!typegraph_find(types->graph, address, &typing))
		return;
	row->kind = arena_string(types->collection->arena, typing.kind);
	row->confidence = type_confidence_name(typing.confidence);
	typegraph_evidence(types->graph, typing.block, evidence, sizeof(evidence));
	row->evidence = names_add(types->collection->labels, evidence) + 1;
	if (typegraph_struct(types->graph, typing.block, &debug, &type))
		structs_add(&types->structs, debug, type);
}

/* Objects have names for their fields, too. */
static void add_structs(struct types *types)
{
	vector_each (&types->collection->types, type)
		if (type->debug)
			structs_add(&types->structs, type->debug, type->struct_type);
}

static bool fill(struct types *types, struct error *err)
{
	add_blocks(types);
	typegraph_add_variables(types->graph);
	add_objects(types);
	add_natives(types);
	if (!typegraph_solve(types->graph, err))
		return false;
	vector_each (&types->snapshot->blocks, row)
		if (is_untyped(row))
			fill_row(types, row);
	add_structs(types);
	return block_holders_fill(types->target, types->collection, types->snapshot, err);
}

bool block_types_fill(struct target *target, const struct collection *collection,
		      struct snapshot *snapshot, struct error *err)
{
	struct types types = {.target = target,
			      .collection = collection,
			      .snapshot = snapshot,
			      .structs = {.snapshot = snapshot, .arena = collection->arena}};
	bool done = false;

	types.graph = typegraph_create(target, known_structs, err);
	types.sources = calloc(collection->types.count + 1, sizeof(*types.sources));
	for (size_t i = 0; types.sources && i < collection->types.count; i++)
		types.sources[i] = NOT_ASKED;
	if (!types.sources)
		error_out_of_memory(err, "finding the types of memory");
	else if (types.graph)
		done = fill(&types, err);
	structs_release(&types.structs);
	free(types.sources);
	typegraph_free(types.graph);
	return done;
}
