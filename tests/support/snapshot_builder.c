#include "support/snapshot_builder.h"

#include <stdlib.h>

struct built_reference {
	uint32_t source, target, ordinal, label;
	enum reference_kind kind;
};

struct snapshot_builder {
	struct snapshot snapshot;
	struct graph graph;
	VECTOR_OF(struct built_object)
	objects;
	VECTOR_OF(struct built_reference)
	references;
	VECTOR_OF(struct graph_root)
	roots;
	VECTOR_OF(uint32_t)
	members, member_first;
	VECTOR_OF(void *)
	memory;
};

static void *take(struct snapshot_builder *builder, size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	vector_push(&builder->memory, memory);
	return memory;
}

static bool value_of(void *context, uint32_t object, char *ret, size_t size)
{
	const char *value = ((struct snapshot_builder *)context)->objects.items[object].value;

	if (value)
		snprintf(ret, size, "%s", value);
	return value;
}

struct snapshot_builder *snapshot_builder_create(void)
{
	struct snapshot_builder *builder = calloc(1, sizeof(*builder));

	builder->snapshot.labels = names_create();
	builder->snapshot.values = (struct snapshot_values){value_of, builder};
	return builder;
}

void snapshot_builder_free(struct snapshot_builder *builder)
{
	struct snapshot *snapshot = &builder->snapshot;

	vector_each (&builder->memory, memory) {
		free(*memory);
	}
	vector_release(&builder->memory);
	vector_release(&builder->objects);
	vector_release(&builder->references);
	vector_release(&builder->roots);
	vector_release(&builder->members);
	vector_release(&builder->member_first);
	snapshot->ledger = (struct ledger){0}; /* these were among the memory */
	snapshot->reachability = (struct reachability){0};
	snapshot->components = (struct components){0};
	snapshot_release(snapshot);
	names_free(snapshot->labels);
	anomalies_free((struct anomalies *)snapshot->anomalies);
	free(builder);
}

struct snapshot *builder_snapshot(struct snapshot_builder *builder)
{
	return &builder->snapshot;
}

uint32_t builder_type(struct snapshot_builder *builder, const char *name)
{
	struct snapshot_type type = {
		.object = OBJECT_NONE,
		.name = name,
		.struct_name = "",
		.layout = LAYOUT_BUILTIN,
	};

	vector_push(&builder->snapshot.types, type);
	return (uint32_t)builder->snapshot.types.count - 1;
}

uint32_t builder_object(struct snapshot_builder *builder, struct built_object object)
{
	uint32_t index = (uint32_t)builder->objects.count;

	vector_push(&builder->objects, object);
	return index;
}

void builder_reference(struct snapshot_builder *builder, uint32_t source, const char *label,
		       uint32_t target, enum reference_kind kind)
{
	struct built_reference reference = {
		.source = source,
		.target = target,
		.label = names_add(builder->snapshot.labels, label),
		.kind = kind,
	};
	size_t count = builder->references.count;

	if (count && builder->references.items[count - 1].source == source)
		reference.ordinal = builder->references.items[count - 1].ordinal + 1;
	vector_push(&builder->references, reference);
}

void builder_root(struct snapshot_builder *builder, uint32_t object, enum root_kind kind,
		  const char *label)
{
	struct graph_root root = {
		.object = object,
		.kind = kind,
		.label = names_add(builder->snapshot.labels, label),
		.thread = OBJECT_NONE,
		.frame = OBJECT_NONE,
		.counted = 1,
	};

	vector_push(&builder->roots, root);
}

void builder_cycle(struct snapshot_builder *builder, uint32_t first, uint32_t last,
		   const char *pattern)
{
	struct snapshot_cycle cycle = {
		.component = (uint32_t)builder->member_first.count,
		.state = builder->objects.items[first].state,
		.pattern = pattern,
		.fingerprint = UINT64_MAX - 1,
	};

	vector_push(&builder->member_first, (uint32_t)builder->members.count);
	for (uint32_t i = first; i <= last; i++) {
		vector_push(&builder->members, i);
		cycle.bytes += builder->objects.items[i].size;
	}
	vector_push(&builder->snapshot.cycles, cycle);
}

static void finish_objects(struct snapshot_builder *builder)
{
	size_t count = builder->objects.count;
	addr_t *address = take(builder, count, sizeof(*address));
	uint32_t *type = take(builder, count, sizeof(*type));
	uint64_t *size = take(builder, count, sizeof(*size));
	uint64_t *owned_size = take(builder, count, sizeof(*owned_size));
	int64_t *refcount = take(builder, count, sizeof(*refcount));
	uint8_t *flags = take(builder, count, 1), *generation = take(builder, count, 1);
	uint8_t *state = take(builder, count, 1);
	uint32_t *distance = take(builder, count, sizeof(*distance));

	for (size_t i = 0; i < count; i++) {
		const struct built_object *object = &builder->objects.items[i];

		address[i] = object->address, type[i] = object->type;
		size[i] = object->size, owned_size[i] = object->owned_size;
		refcount[i] = object->refcount, flags[i] = object->flags;
		generation[i] = object->generation, state[i] = (uint8_t)object->state;
		distance[i] = object->state == STATE_LIVE ? object->distance : UINT32_MAX;
	}
	builder->graph = (struct graph){
		.object_count = (uint32_t)count,
		.address = address,
		.type = type,
		.size = size,
		.owned_size = owned_size,
		.refcount = refcount,
		.flags = flags,
		.generation = generation,
	};
	builder->snapshot.reachability =
		(struct reachability){.state = state, .distance = distance};
}

static void finish_references(struct snapshot_builder *builder)
{
	size_t count = builder->references.count;
	uint32_t *first = take(builder, builder->objects.count + 1, sizeof(*first));
	uint32_t *target = take(builder, count, sizeof(*target));
	uint32_t *ordinal = take(builder, count, sizeof(*ordinal));
	uint32_t *label = take(builder, count, sizeof(*label));
	uint8_t *kind = take(builder, count, 1);

	for (size_t i = 0; i < count; i++) {
		const struct built_reference *reference = &builder->references.items[i];

		target[i] = reference->target, ordinal[i] = reference->ordinal;
		label[i] = reference->label, kind[i] = (uint8_t)reference->kind;
		first[reference->source + 1]++;
	}
	for (size_t i = 0; i < builder->objects.count; i++)
		first[i + 1] += first[i];
	builder->graph.reference_count = (uint32_t)count;
	builder->graph.first_reference = first;
	builder->graph.target = target;
	builder->graph.ordinal = ordinal;
	builder->graph.label = label;
	builder->graph.kind = kind;
}

static void finish_ledger(struct snapshot_builder *builder)
{
	size_t count = builder->objects.count;
	int64_t *found = take(builder, count, sizeof(*found));
	int64_t *surplus = take(builder, count, sizeof(*surplus));

	vector_each (&builder->references, reference) {
		if (reference_is_counted(reference->kind))
			found[reference->target]++;
	}
	vector_each (&builder->roots, root) {
		found[root->object] += root->counted;
	}
	for (size_t i = 0; i < count; i++)
		if (builder->objects.items[i].flags & OBJECT_COUNTED)
			surplus[i] = builder->objects.items[i].refcount - found[i];
	builder->snapshot.ledger = (struct ledger){found, surplus};
}

static void finish_components(struct snapshot_builder *builder)
{
	struct components *components = &builder->snapshot.components;

	components->count = (uint32_t)builder->member_first.count;
	vector_push(&builder->member_first, (uint32_t)builder->members.count);
	components->first = builder->member_first.items;
	components->members = builder->members.items;
	components->component_of = take(builder, builder->objects.count, sizeof(uint32_t));
	for (size_t i = 0; i < builder->objects.count; i++)
		components->component_of[i] = OBJECT_NONE;
	for (uint32_t i = 0; i < components->count; i++)
		for (uint32_t j = components->first[i]; j < components->first[i + 1]; j++)
			components->component_of[components->members[j]] = i;
}

const struct snapshot *builder_finish(struct snapshot_builder *builder)
{
	finish_objects(builder);
	finish_references(builder);
	finish_ledger(builder);
	finish_components(builder);
	builder->graph.roots = builder->roots.items;
	builder->graph.root_count = (uint32_t)builder->roots.count;
	builder->snapshot.graph = &builder->graph;
	return &builder->snapshot;
}
