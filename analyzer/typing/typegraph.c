/*
 * Invariants.  What a block passes on is never surer than the block itself, and the surest
 * blocks are taken first: so when a block is taken, nothing surer can come for it any more.
 * Something equally sure can; if it says otherwise, the block is in dispute, and everything is
 * done again without it, because what it passed on may be wrong.
 */
#include "typing/typegraph.h"

#include "base/search.h"
#include "typing/typegraph_parts.h"

#include <stdlib.h>

#define MOST_ROUNDS    6
#define LARGEST_MODULE ((uint64_t)64 << 20) /* bytes in memory */

/* Memory whose pointers are followed. */
struct region {
	addr_t address;
	uint64_t size;
	uint32_t shape;
	uint32_t parent, source; /* as a node's */
	enum type_confidence confidence;
};

struct typegraph *typegraph_create(struct target *target, const char *const *known,
				   struct error *err)
{
	struct typegraph *graph = calloc(1, sizeof(*graph));

	if (graph)
		graph->shapes = shapes_create(target, known);
	if (!graph || !graph->shapes) {
		free(graph);
		error_out_of_memory(err, "finding the types of memory");
		return NULL;
	}
	graph->target = target;
	graph->reader.image = target_image(target);
	return graph;
}

void typegraph_free(struct typegraph *graph)
{
	if (!graph)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(graph->queues); i++)
		vector_release(&graph->queues[i].nodes);
	vector_release(&graph->nodes);
	vector_release(&graph->sources);
	vector_release(&graph->places);
	shapes_free(graph->shapes);
	free(graph);
}

void typegraph_add_block(struct typegraph *graph, const struct fit_block *block)
{
	struct node node = {
		.address = block->address, .size = block->size, .is_mapped = block->is_mapped};

	vector_push(&graph->nodes, node);
}

static bool add_source(struct typegraph *graph, uint32_t shape, const char *function,
		       const char *label, uint32_t *ret)
{
	if (shape == SHAPE_MISSING || !shapes_compiled(graph->shapes, shape)->slot_count)
		return false;
	*ret = (uint32_t)graph->sources.count;
	return vector_push(&graph->sources, ((struct source){shape, function, label, false}));
}

bool typegraph_add_source(struct typegraph *graph, const struct debug_info *debug,
			  uint32_t type, const char *label, uint32_t *ret)
{
	return add_source(graph, shapes_of_type(graph->shapes, debug, type, NULL), "", label,
			  ret);
}

void typegraph_add_place(struct typegraph *graph, uint32_t source, addr_t address,
			 uint64_t size)
{
	vector_push(&graph->places, ((struct place){address, size, source}));
}

static void add_variable(struct typegraph *graph, const struct module *module,
			 const struct debug_variable *variable)
{
	uint32_t count = 0, source;
	uint32_t shape;

	if (variable->is_thread_local || variable->type == DEBUG_NONE)
		return;
	shape = shapes_of_type(graph->shapes, module->debug, variable->type, &count);
	if (!add_source(graph, shape, variable->function, variable->name, &source))
		return;
	graph->sources.items[source].is_array = count > 1;
	typegraph_add_place(graph, source, variable->address + module->bias,
			    count * shapes_get(graph->shapes, shape)->size);
}

/* Of a very large module the debug info would cost more time than all else. */
static bool is_affordable(const struct module *module)
{
	return module->file->span.end - module->file->span.start <= LARGEST_MODULE;
}

void typegraph_add_variables(struct typegraph *graph)
{
	/* All debug info first: a struct that one module only declares another may define. */
	for (size_t i = 0; i < target_module_count(graph->target); i++)
		if (is_affordable(target_module(graph->target, i)))
			module_debug(graph->target, target_module(graph->target, i));
	for (size_t i = 0; i < target_module_count(graph->target); i++) {
		const struct module *module = target_module(graph->target, i);

		for (size_t k = 0; module->debug && k < debug_variable_count(module->debug);
		     k++)
			add_variable(graph, module, debug_variable(module->debug, k));
	}
}

static struct node *node_at(const struct typegraph *graph, addr_t address)
{
	struct node *nodes = graph->nodes.items;
	size_t total = graph->nodes.count;
	size_t at;

	if (!total || address < nodes[0].address || address > nodes[total - 1].address)
		return NULL;
	at = count_leading(total, i, nodes[i].address < address);
	return at < total && nodes[at].address == address ? &nodes[at] : NULL;
}

/* Of two that are equally sure.  Two structs of which one begins with the other agree. */
static bool is_better(struct typegraph *graph, struct node *node, const struct fit *fit)
{
	if (shapes_begins_with(graph->shapes, node->shape, fit->shape))
		return false;
	if (shapes_begins_with(graph->shapes, fit->shape, node->shape)) {
		if (!node->is_taken)
			return true;
		if (fit->confidence == TYPE_GUESS)
			return false;
	}
	node->in_dispute = true;
	graph->disputed = true;
	return false;
}

/* What a pointer of a region says of a block. */
static void take_word(struct typegraph *graph, struct node *node, uint32_t shape,
		      const struct region *region, uint32_t slot)
{
	const struct fit_block block = {node->address, node->size, node->is_mapped};
	struct fit fit = {.shape = SHAPE_MISSING};

	if (node->confidence >= region->confidence &&
	    shapes_begins_with(graph->shapes, node->shape, shape))
		return;
	fit = fit_shape(graph->shapes, shape, &block, &graph->reader);
	if (fit.confidence > region->confidence)
		fit.confidence = region->confidence;
	if (fit.confidence < node->confidence || fit.confidence == TYPE_UNKNOWN)
		return;
	if (fit.confidence == node->confidence && !is_better(graph, node, &fit))
		return;
	node->shape = fit.shape;
	node->confidence = (uint8_t)fit.confidence;
	node->is_array = fit.is_array;
	node->parent = region->parent;
	node->slot = slot;
	node->source = region->source;
	node->in_dispute = false;
	vector_push(&graph->queues[fit.confidence].nodes,
		    (uint32_t)(node - graph->nodes.items));
}

/* The pointers of a slot, in one struct that begins at `base` bytes of the region. */
struct cursor {
	const struct region *region;
	const uint8_t *bytes; /* of the region; NULL where they do not lie together */
	uint64_t base, end;   /* of the struct, in bytes of the region */
};

static void follow_word(struct typegraph *graph, const struct cursor *at, uint64_t offset,
			uint32_t shape, uint32_t slot)
{
	struct node *node;
	addr_t word;

	if (at->bytes)
		memcpy(&word, at->bytes + offset, sizeof(word));
	else if (!image_read_u64(graph->reader.image, at->region->address + offset, &word))
		return;
	node = word ? node_at(graph, word) : NULL;
	if (node && !node->is_banned)
		take_word(graph, node, shape, at->region, slot);
}

static uint64_t how_many(uint32_t count, uint32_t stride, uint64_t from, uint64_t end)
{
	uint64_t room = stride && from < end ? (end - from + stride - 1) / stride : 1;

	return !count || count > room ? room : count;
}

static void follow_slot(struct typegraph *graph, const struct cursor *at,
			const struct shape_slot *slot, uint32_t number)
{
	uint64_t first = at->base + slot->offset;
	uint64_t outer = how_many(slot->counts[1], slot->strides[1], first, at->end);

	for (uint64_t i = 0; i < outer; i++) {
		uint64_t from = first + i * slot->strides[1];
		uint64_t inner = how_many(slot->counts[0], slot->strides[0], from, at->end);

		for (uint64_t k = 0; k < inner; k++) {
			uint64_t offset = from + k * slot->strides[0];

			if (offset + sizeof(addr_t) <= at->end)
				follow_word(graph, at, offset, slot->shape, number);
		}
	}
}

/* An array's structs one after the other; an open one reaches to the end of the region. */
static void follow_region(struct typegraph *graph, const struct region *region)
{
	const struct shape shape = *shapes_compiled(graph->shapes, region->shape);
	uint64_t step = shape.is_open || !shape.size ? region->size : shape.size;
	struct cursor at = {.region = region};

	if (!shape.slot_count || !step)
		return;
	at.bytes = image_view(graph->reader.image, region->address, region->size,
			      &graph->reader.hint);
	for (at.base = 0; at.base + shape.size <= region->size; at.base += step) {
		at.end = at.base + step < region->size ? at.base + step : region->size;
		for (size_t i = 0; i < shape.slot_count; i++)
			follow_slot(graph, &at, &shape.slots[i], (uint32_t)i);
	}
}

static void follow_place(struct typegraph *graph, const struct place *place)
{
	struct region region = {
		.address = place->address,
		.size = place->size,
		.shape = graph->sources.items[place->source].shape,
		.parent = FROM_SOURCE | place->source,
		.source = place->source,
		.confidence = TYPE_CERTAIN,
	};

	follow_region(graph, &region);
}

static void follow_node(struct typegraph *graph, uint32_t index)
{
	const struct node *node = &graph->nodes.items[index];
	uint64_t size = shapes_get(graph->shapes, node->shape)->size;
	bool is_whole = node->is_array || (node->confidence > TYPE_GUESS &&
					   shapes_get(graph->shapes, node->shape)->is_open);
	struct region region = {
		.address = node->address,
		.size = is_whole || size > node->size ? node->size : size,
		.shape = node->shape,
		.parent = index,
		.source = node->source,
		.confidence = node->confidence,
	};

	follow_region(graph, &region);
}

/* The next block of the surest queue that has one. */
static bool next_node(struct typegraph *graph, uint32_t *ret)
{
	for (size_t level = TYPE_CERTAIN; level > TYPE_UNKNOWN; level--) {
		struct queue *queue = &graph->queues[level];

		while (queue->taken < queue->nodes.count) {
			struct node *node;

			*ret = queue->nodes.items[queue->taken++];
			node = &graph->nodes.items[*ret];
			if (node->is_taken || node->confidence != level)
				continue;
			node->is_taken = true;
			return true;
		}
	}
	return false;
}

static void start_round(struct typegraph *graph)
{
	graph->disputed = false;
	for (size_t i = 0; i < ARRAY_COUNT(graph->queues); i++)
		graph->queues[i].nodes.count = graph->queues[i].taken = 0;
	vector_each (&graph->nodes, node) {
		node->is_banned |= node->in_dispute;
		node->confidence = TYPE_UNKNOWN;
		node->is_taken = node->in_dispute = false;
	}
}

static bool has_failed(const struct typegraph *graph)
{
	bool failed = shapes_failed(graph->shapes) || graph->nodes.failed ||
		      graph->sources.failed || graph->places.failed;

	for (size_t i = 0; i < ARRAY_COUNT(graph->queues); i++)
		failed |= graph->queues[i].nodes.failed;
	return failed;
}

static int compare_nodes(const void *left, const void *right)
{
	return addr_compare(&((const struct node *)left)->address,
			    &((const struct node *)right)->address);
}

static void sort_nodes(struct typegraph *graph)
{
	for (size_t i = 1; i < graph->nodes.count; i++)
		if (graph->nodes.items[i].address < graph->nodes.items[i - 1].address) {
			qsort(graph->nodes.items, graph->nodes.count,
			      sizeof(*graph->nodes.items), compare_nodes);
			return;
		}
}

/* What is in dispute after the last round, and what it led to.  False: there was nothing. */
static bool forget_disputed(struct typegraph *graph)
{
	bool found = false;

	vector_each (&graph->nodes, node) {
		bool is_led = node->confidence && !(node->parent & FROM_SOURCE) &&
			      !graph->nodes.items[node->parent].confidence;

		if (!is_led && !(node->in_dispute && node->confidence))
			continue;
		node->confidence = TYPE_UNKNOWN;
		found = true;
	}
	return found;
}

bool typegraph_solve(struct typegraph *graph, struct error *err)
{
	uint32_t next;

	sort_nodes(graph);
	for (int round = 0; round < MOST_ROUNDS; round++) {
		start_round(graph);
		vector_each (&graph->places, place)
			follow_place(graph, place);
		while (next_node(graph, &next))
			follow_node(graph, next);
		if (!graph->disputed)
			break;
	}
	while (graph->disputed)
		graph->disputed = forget_disputed(graph);
	return !has_failed(graph) || error_out_of_memory(err, "finding the types of memory");
}

bool typegraph_find(struct typegraph *graph, addr_t address, struct typing *ret)
{
	const struct node *node = node_at(graph, address);

	if (!node || node->confidence == TYPE_UNKNOWN)
		return false;
	ret->kind = shapes_text(graph->shapes, node->shape, node->is_array);
	ret->confidence = node->confidence;
	ret->block = (uint32_t)(node - graph->nodes.items);
	return true;
}

bool typegraph_struct(const struct typegraph *graph, uint32_t block,
		      const struct debug_info **ret_debug, uint32_t *ret_type)
{
	const struct shape *shape = shapes_get(graph->shapes, graph->nodes.items[block].shape);

	*ret_debug = shape->debug;
	*ret_type = shape->type;
	return shape->kind == SHAPE_STRUCT;
}
