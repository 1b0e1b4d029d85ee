/*
 * While building: flat vectors in the order of the reports.  finish numbers the objects by
 * the rank of their address, puts each source's references where its number says, and derives
 * the references by target from those by source.
 */
#include "graph/builder.h"

#include "base/vector.h"

#include <stdlib.h>

/* A reference's label and kind share a word until the graph is made. */
#define LABEL_BITS 28
#define LABEL_MASK ((1u << LABEL_BITS) - 1)

struct reported_object {
	addr_t address;
	uint64_t size;
	int64_t refcount;
	uint32_t type;
	uint32_t first; /* of its references, in `targets` */
	uint8_t flags;
	uint8_t generation;
};

/* A reference whose ordinal is not the one after its predecessor's. */
struct jump {
	uint32_t reference;
	uint32_t ordinal;
};

struct reported_owned {
	addr_t object;
	uint64_t bytes;
};

struct reported_root {
	addr_t target;
	struct graph_root root;
};

struct graph_builder {
	struct address_set *addresses;
	VECTOR_OF(struct reported_object)
	objects;
	VECTOR_OF(addr_t)
	targets; /* finish replaces addresses by object numbers */
	VECTOR_OF(uint32_t)
	labels; /* one a target: kind << LABEL_BITS | label */
	VECTOR_OF(struct jump)
	jumps;
	VECTOR_OF(struct reported_owned)
	owned;
	VECTOR_OF(struct reported_root)
	roots;
	uint64_t ignored;
	uint64_t dangling;
	uint32_t ordinal; /* of the next reference */
	bool jumped;      /* ordinals were skipped since the last reference */
	bool ignoring;    /* there is no object that references could belong to */
	bool too_large;
};

/* The graph's columns while they are filled; the graph owns them. */
struct columns {
	addr_t *address;
	uint32_t *type;
	uint64_t *size, *owned_size;
	int64_t *refcount;
	uint8_t *flags, *generation;
	uint32_t *first_reference, *target, *ordinal, *label;
	uint8_t *kind;
	uint32_t *first_referrer, *referrer;
};

struct graph_builder *graph_builder_create(void)
{
	CLEANUP(graph_builder_freep)
	struct graph_builder *builder = calloc(1, sizeof(*builder));

	if (!builder)
		return NULL;
	builder->ignoring = true;
	builder->addresses = address_set_create();
	return builder->addresses ? TAKE(builder) : NULL;
}

void graph_builder_free(struct graph_builder *builder)
{
	if (!builder)
		return;
	address_set_free(builder->addresses);
	vector_release(&builder->objects);
	vector_release(&builder->targets);
	vector_release(&builder->labels);
	vector_release(&builder->jumps);
	vector_release(&builder->owned);
	vector_release(&builder->roots);
	free(builder);
}

void graph_builder_object(struct graph_builder *builder, const struct graph_object *object)
{
	builder->ordinal = 0;
	builder->jumped = false;
	builder->ignoring = !address_set_add(builder->addresses, object->address);
	if (builder->ignoring) {
		builder->ignored++;
		return;
	}
	vector_push(&builder->objects, ((struct reported_object){
					       .address = object->address,
					       .size = object->size,
					       .refcount = object->refcount,
					       .type = object->type,
					       .first = (uint32_t)builder->targets.count,
					       .flags = object->flags,
					       .generation = object->generation,
				       }));
}

void graph_builder_reference(struct graph_builder *builder, addr_t target, uint32_t label,
			     enum reference_kind kind)
{
	size_t count = builder->targets.count;

	if (builder->ignoring)
		return;
	if (label > LABEL_MASK || count == UINT32_MAX) {
		builder->too_large = true;
		return;
	}
	if (builder->ordinal == UINT32_MAX) { /* a damaged length was skipped */
		builder->dangling++;
		return;
	}
	if (builder->jumped)
		vector_push(&builder->jumps,
			    ((struct jump){(uint32_t)count, builder->ordinal}));
	builder->jumped = false;
	builder->ordinal++;
	vector_push(&builder->targets, target);
	vector_push(&builder->labels, (uint32_t)kind << LABEL_BITS | label);
}

void graph_builder_skip(struct graph_builder *builder, uint32_t count)
{
	uint32_t left = UINT32_MAX - builder->ordinal;

	builder->ordinal += count < left ? count : left;
	builder->jumped = true;
}

void graph_builder_owned(struct graph_builder *builder, uint64_t bytes)
{
	size_t count = builder->objects.count;

	if (!builder->ignoring && count > 0)
		graph_builder_owned_by(builder, builder->objects.items[count - 1].address,
				       bytes);
}

void graph_builder_owned_by(struct graph_builder *builder, addr_t object, uint64_t bytes)
{
	vector_push(&builder->owned, ((struct reported_owned){object, bytes}));
}

void graph_builder_root(struct graph_builder *builder, addr_t target,
			const struct graph_root *root)
{
	vector_push(&builder->roots, ((struct reported_root){target, *root}));
}

uint64_t graph_builder_ignored(const struct graph_builder *builder)
{
	return builder->ignored;
}

static bool is_complete(const struct graph_builder *builder)
{
	return !address_set_failed(builder->addresses) && !builder->objects.failed &&
	       !builder->targets.failed && !builder->labels.failed && !builder->jumps.failed &&
	       !builder->owned.failed && !builder->roots.failed;
}

/* calloc that says no only when memory is out, for an empty column too. */
static void *make_column(size_t count, size_t size, bool *failed)
{
	void *column = calloc(count ? count : 1, size);

	if (!column)
		*failed = true;
	return column;
}

static bool make_object_columns(struct graph *graph, struct columns *columns)
{
	size_t count = graph->object_count;
	bool failed = false;

	graph->address = columns->address = make_column(count, sizeof(addr_t), &failed);
	graph->type = columns->type = make_column(count, sizeof(uint32_t), &failed);
	graph->size = columns->size = make_column(count, sizeof(uint64_t), &failed);
	graph->owned_size = columns->owned_size = make_column(count, sizeof(uint64_t), &failed);
	graph->refcount = columns->refcount = make_column(count, sizeof(int64_t), &failed);
	graph->flags = columns->flags = make_column(count, 1, &failed);
	graph->generation = columns->generation = make_column(count, 1, &failed);
	graph->first_reference = columns->first_reference =
		make_column(count + 1, sizeof(uint32_t), &failed);
	graph->first_referrer = columns->first_referrer =
		make_column(count + 1, sizeof(uint32_t), &failed);
	return !failed;
}

static bool make_reference_columns(struct graph *graph, struct columns *columns)
{
	size_t count = graph->reference_count;
	bool failed = false;

	graph->target = columns->target = make_column(count, sizeof(uint32_t), &failed);
	graph->ordinal = columns->ordinal = make_column(count, sizeof(uint32_t), &failed);
	graph->label = columns->label = make_column(count, sizeof(uint32_t), &failed);
	graph->kind = columns->kind = make_column(count, 1, &failed);
	return !failed;
}

static size_t end_of(const struct graph_builder *builder, size_t object)
{
	return object + 1 < builder->objects.count ? builder->objects.items[object + 1].first
						   : builder->targets.count;
}

static void place_objects(struct graph_builder *builder, struct columns *columns)
{
	address_set_list(builder->addresses, columns->address);
	vector_each (&builder->objects, object) {
		uint32_t number = address_set_rank(builder->addresses, object->address);

		columns->type[number] = object->type;
		columns->size[number] = object->size;
		columns->refcount[number] = object->refcount;
		columns->flags[number] = object->flags;
		columns->generation[number] = object->generation;
	}
	vector_each (&builder->owned, owned) {
		uint32_t number = address_set_rank(builder->addresses, owned->object);

		if (number != RANK_NONE)
			columns->owned_size[number] += owned->bytes;
	}
}

/*
 * Targets become object numbers, RANK_NONE where there is no object; first_reference becomes
 * the places where the references of each source will stand.  Returns how many there are.
 */
static uint32_t resolve_references(struct graph_builder *builder, struct columns *columns)
{
	uint32_t place = 0;

	for (size_t i = 0; i < builder->objects.count; i++) {
		addr_t address = builder->objects.items[i].address;
		uint32_t source = address_set_rank(builder->addresses, address);
		uint32_t kept = 0;

		for (size_t r = builder->objects.items[i].first; r < end_of(builder, i); r++) {
			addr_t *target = &builder->targets.items[r];

			*target = address_set_rank(builder->addresses, *target);
			kept += *target != RANK_NONE;
		}
		columns->first_reference[source] = kept;
	}
	for (size_t i = 0; i <= builder->objects.count; i++) {
		uint32_t kept = columns->first_reference[i];

		columns->first_reference[i] = place;
		place += kept;
	}
	builder->dangling += builder->targets.count - place;
	return place;
}

/* Copies one source's references to its place.  *jump is the first one not yet passed. */
static void place_source(const struct graph_builder *builder, struct columns *columns,
			 size_t object, size_t *jump)
{
	addr_t address = builder->objects.items[object].address;
	uint32_t source = address_set_rank(builder->addresses, address);
	uint32_t place = columns->first_reference[source];
	uint32_t ordinal = 0;

	for (size_t r = builder->objects.items[object].first; r < end_of(builder, object);
	     r++) {
		if (*jump < builder->jumps.count && builder->jumps.items[*jump].reference == r)
			ordinal = builder->jumps.items[(*jump)++].ordinal;
		if (builder->targets.items[r] != RANK_NONE) {
			columns->target[place] = (uint32_t)builder->targets.items[r];
			columns->ordinal[place] = ordinal;
			columns->label[place] = builder->labels.items[r] & LABEL_MASK;
			columns->kind[place++] =
				(uint8_t)(builder->labels.items[r] >> LABEL_BITS);
		}
		ordinal++;
	}
}

static bool place_references(struct graph_builder *builder, struct graph *graph,
			     struct columns *columns)
{
	size_t jump = 0;

	graph->reference_count = resolve_references(builder, columns);
	if (!make_reference_columns(graph, columns))
		return false;
	for (size_t i = 0; i < builder->objects.count; i++)
		place_source(builder, columns, i, &jump);
	vector_release(&builder->targets);
	vector_release(&builder->labels);
	return true;
}

static bool place_referrers(struct graph *graph, struct columns *columns)
{
	uint32_t *first = columns->first_referrer;
	uint32_t sum = 0;
	bool failed = false;

	graph->referrer = columns->referrer =
		make_column(graph->reference_count, sizeof(uint32_t), &failed);
	if (failed)
		return false;
	for (size_t r = 0; r < graph->reference_count; r++)
		first[columns->target[r]]++;
	for (size_t i = 0; i <= graph->object_count; i++) {
		sum += first[i];
		first[i] = sum;
	}
	/* first[i] is one past the referrers of i that are still to be placed: sources go
	 * from the highest down, so each list ends up ascending and first[i] at its begin. */
	for (uint32_t source = graph->object_count; source-- > 0;)
		for (uint32_t r = graph->first_reference[source];
		     r < graph->first_reference[source + 1]; r++)
			columns->referrer[--first[columns->target[r]]] = source;
	return true;
}

static bool place_roots(struct graph_builder *builder, struct graph *graph)
{
	bool failed = false;
	struct graph_root *roots =
		make_column(builder->roots.count, sizeof(struct graph_root), &failed);

	graph->roots = roots;
	if (failed)
		return false;
	vector_each (&builder->roots, reported) {
		uint32_t object = address_set_rank(builder->addresses, reported->target);

		if (object == RANK_NONE) {
			builder->dangling++;
			continue;
		}
		roots[graph->root_count] = reported->root;
		roots[graph->root_count++].object = object;
	}
	return true;
}

struct graph *graph_builder_finish(struct graph_builder *builder, uint64_t *ret_dangling,
				   struct error *err)
{
	CLEANUP(graph_freep) struct graph *graph = calloc(1, sizeof(*graph));
	struct columns columns = {0};

	if (builder->too_large || address_set_count(builder->addresses) >= OBJECT_NONE - 1 ||
	    builder->roots.count > UINT32_MAX) {
		error_set(err, ERROR_FORMAT,
			  "the process has more objects or references than a graph can hold");
		return NULL;
	}
	if (graph && is_complete(builder) && address_set_freeze(builder->addresses)) {
		graph->object_count = (uint32_t)builder->objects.count;
		if (make_object_columns(graph, &columns)) {
			place_objects(builder, &columns);
			if (place_references(builder, graph, &columns) &&
			    place_referrers(graph, &columns) && place_roots(builder, graph)) {
				*ret_dangling = builder->dangling;
				return TAKE(graph);
			}
		}
	}
	error_out_of_memory(err, "building the object graph");
	return NULL;
}
