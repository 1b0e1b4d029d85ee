/*
 * Lengauer and Tarjan, "A fast algorithm for finding dominators in a flowgraph" (1979), the
 * version with path compression alone: O(references * log objects) for any graph.  (Semi-NCA
 * is a little faster on most and quadratic on some, such as one long list whose end and begin
 * both refer to a million objects.)
 *
 * Nodes are the virtual root, 0, and the objects in the order in which a depth-first search
 * from it meets them.
 */
#include "analysis/dominators.h"

#include "analysis/components.h"

#include <assert.h>
#include <stdlib.h>

struct flowgraph {
	const struct graph *graph;
	const uint8_t *state;
	const bool *entry; /* [object_count] the virtual root refers to it */
	uint32_t count;    /* of nodes but the virtual root */
	uint32_t *node;    /* [object_count] 0: not met yet */
	uint32_t *object;  /* the others: [object_count + 1], by node */
	uint32_t *parent;  /* in the tree of the search; then see evaluate() */
	uint32_t *semi;    /* semidominator */
	uint32_t *label;   /* the node of the lowest semi on the compressed path */
	uint32_t *dominator;
	uint32_t *bucket;       /* first node whose semi this is; 0: none */
	uint32_t *next;         /* in that bucket */
	uint32_t *path;         /* stack, and the next reference to follow */
	uint32_t *first_before; /* [object_count + 2] in `before` */
	uint32_t *before;       /* [reference_count] nodes that refer to a node */
};

/* Whether the reference is one of the flow graph. */
static bool is_edge(const struct flowgraph *flow, uint32_t source, uint32_t reference)
{
	return graph_holds(flow->graph, source, reference) &&
	       flow->state[flow->graph->target[reference]] == flow->state[source];
}

/* Cuts one allocation into the arrays; it is returned for the caller to free. */
static uint32_t *make_arrays(struct flowgraph *flow)
{
	size_t room = (size_t)flow->graph->object_count + 2;
	uint32_t **arrays[] = {
		&flow->node,  &flow->object,       &flow->parent, &flow->semi,
		&flow->label, &flow->dominator,    &flow->bucket, &flow->next,
		&flow->path,  &flow->first_before,
	};
	uint32_t *memory = calloc(room * ARRAY_COUNT(arrays) + flow->graph->reference_count,
				  sizeof(*memory));

	for (size_t i = 0; memory && i < ARRAY_COUNT(arrays); i++)
		*arrays[i] = memory + i * room;
	if (memory)
		flow->before = memory + room * ARRAY_COUNT(arrays);
	return memory;
}

static uint32_t enter(struct flowgraph *flow, uint32_t object, uint32_t parent)
{
	uint32_t node = ++flow->count;

	flow->node[object] = node;
	flow->object[node] = object;
	flow->parent[node] = parent;
	flow->path[node] = flow->graph->first_reference[object];
	return node;
}

static void search(struct flowgraph *flow, uint32_t start)
{
	uint32_t node = enter(flow, start, 0);

	/* The nodes from this one up its parents are the path of the search, and path[] is the
	 * first reference of each that has not been followed. */
	while (node != 0) {
		uint32_t object = flow->object[node];
		uint32_t reference = flow->path[node]++;

		if (reference == flow->graph->first_reference[object + 1])
			node = flow->parent[node];
		else if (is_edge(flow, object, reference) &&
			 flow->node[flow->graph->target[reference]] == 0)
			node = enter(flow, flow->graph->target[reference], node);
	}
}

static void search_all(struct flowgraph *flow)
{
	for (uint32_t i = 0; i < flow->graph->object_count; i++)
		if (flow->entry[i] && flow->node[i] == 0)
			search(flow, i);
	/* Each state's objects are all reachable from its entries. */
	assert(flow->count == flow->graph->object_count);
}

static void list_before(struct flowgraph *flow)
{
	const struct graph *graph = flow->graph;
	uint32_t *first = flow->first_before;
	uint32_t sum = 0;

	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++)
			first[flow->node[graph->target[r]]] += is_edge(flow, i, r);
	for (uint32_t node = 0; node <= flow->count + 1; node++) {
		sum += first[node];
		first[node] = sum;
	}
	/* first[n] is one past the nodes before n that are still to be placed. */
	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t r = graph->first_reference[i]; r < graph->first_reference[i + 1];
		     r++)
			if (is_edge(flow, i, r))
				flow->before[--first[flow->node[graph->target[r]]]] =
					flow->node[i];
}

/*
 * Nodes from `linked` on are linked to their parents and form trees; for those, parent is any
 * ancestor in that tree or its root, and label the node of the lowest semi from the node up to
 * but without that ancestor.  Returns that label for the whole way to the root of the tree.
 */
static uint32_t evaluate(struct flowgraph *flow, uint32_t node, uint32_t linked)
{
	uint32_t *parent = flow->parent, *label = flow->label;
	uint32_t depth = 0;

	if (node < linked)
		return node;
	for (uint32_t i = node; parent[i] >= linked; i = parent[i])
		flow->path[depth++] = i;
	while (depth > 0) {
		uint32_t i = flow->path[--depth];

		if (flow->semi[label[parent[i]]] < flow->semi[label[i]])
			label[i] = label[parent[i]];
		parent[i] = parent[parent[i]];
	}
	return label[node];
}

static uint32_t semidominator(struct flowgraph *flow, uint32_t node)
{
	uint32_t semi = flow->parent[node];

	if (flow->entry[flow->object[node]])
		return 0;
	for (uint32_t i = flow->first_before[node]; i < flow->first_before[node + 1]; i++) {
		uint32_t lowest = evaluate(flow, flow->before[i], node + 1);

		if (flow->semi[lowest] < semi)
			semi = flow->semi[lowest];
	}
	return semi;
}

static void empty_bucket(struct flowgraph *flow, uint32_t parent, uint32_t linked)
{
	for (uint32_t node = flow->bucket[parent]; node != 0; node = flow->next[node]) {
		uint32_t lowest = parent == 0 ? node : evaluate(flow, node, linked);

		flow->dominator[node] = flow->semi[lowest] < flow->semi[node] ? lowest : parent;
	}
	flow->bucket[parent] = 0;
}

static void find_dominators(struct flowgraph *flow)
{
	for (uint32_t node = 0; node <= flow->count; node++)
		flow->semi[node] = flow->label[node] = node;
	/* Semis of nodes above this one are known.  A node waits in its semi's bucket until all
	 * between the two are linked; its dominator is then its semi or that of a lower node.
	 */
	for (uint32_t node = flow->count; node > 0; node--) {
		uint32_t parent = flow->parent[node];
		uint32_t semi = semidominator(flow, node);

		flow->semi[node] = semi;
		flow->next[node] = flow->bucket[semi];
		flow->bucket[semi] = node;
		empty_bucket(flow, parent, node);
	}
	/* Dominators of nodes below this one are final. */
	for (uint32_t node = 1; node <= flow->count; node++)
		if (flow->dominator[node] != flow->semi[node])
			flow->dominator[node] = flow->dominator[flow->dominator[node]];
}

static void fill_result(const struct flowgraph *flow, struct dominators *ret)
{
	for (uint32_t i = 0; i < flow->graph->object_count; i++)
		ret->retained[i] = flow->graph->size[i] + flow->graph->owned_size[i];
	/* A dominator has a lower number than what it dominates: from the highest down, each
	 * node's own sum is complete when it is added. */
	for (uint32_t node = flow->count; node > 0; node--) {
		uint32_t object = flow->object[node];
		uint32_t dominator = flow->dominator[node];

		ret->dominator[object] = dominator ? flow->object[dominator] : OBJECT_NONE;
		if (dominator)
			ret->retained[flow->object[dominator]] += ret->retained[object];
	}
}

/* The lowest object of the garbage that leads to one another with this one. */
static uint32_t first_of_part(const struct components *parts, uint32_t object)
{
	uint32_t part = parts->component_of[object];

	return part == OBJECT_NONE ? object : parts->members[parts->first[part]];
}

static void mark_unreferred_parts(const struct graph *graph, const bool *garbage,
				  const struct components *parts, bool *entry)
{
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (garbage[i])
			entry[first_of_part(parts, i)] = true;
	for (uint32_t i = 0; i < graph->object_count; i++)
		for (uint32_t r = graph->first_reference[i];
		     garbage[i] && r < graph->first_reference[i + 1]; r++) {
			uint32_t target = first_of_part(parts, graph->target[r]);

			if (graph_holds(graph, i, r) && garbage[graph->target[r]] &&
			    target != first_of_part(parts, i))
				entry[target] = false;
		}
}

static bool find_entries(const struct graph *graph, const struct reachability *reachability,
			 bool *entry, struct error *err)
{
	CLEANUP_FREE bool *garbage = calloc((size_t)graph->object_count + 1, sizeof(*garbage));
	struct components parts;

	if (!garbage)
		return error_out_of_memory(err, "computing retained sizes");
	for (uint32_t i = 0; i < graph->object_count; i++) {
		garbage[i] = reachability->state[i] == STATE_GARBAGE;
		entry[i] = reachability->held[i];
	}
	if (!components_compute(graph, garbage, &parts, err))
		return false;
	mark_unreferred_parts(graph, garbage, &parts, entry);
	components_release(&parts);
	return true;
}

bool dominators_compute(const struct graph *graph, const struct reachability *reachability,
			struct dominators *ret, struct error *err)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE bool *entry = calloc(room, sizeof(*entry));
	struct flowgraph flow = {.graph = graph, .state = reachability->state, .entry = entry};
	CLEANUP_FREE uint32_t *memory = NULL;

	*ret = (struct dominators){0};
	if (entry && !find_entries(graph, reachability, entry, err))
		return false;
	memory = make_arrays(&flow);
	ret->dominator = malloc(room * sizeof(*ret->dominator));
	ret->retained = malloc(room * sizeof(*ret->retained));
	if (!entry || !memory || !ret->dominator || !ret->retained) {
		dominators_release(ret);
		return error_out_of_memory(err, "computing retained sizes");
	}
	search_all(&flow);
	list_before(&flow);
	find_dominators(&flow);
	fill_result(&flow, ret);
	return true;
}

void dominators_release(struct dominators *dominators)
{
	free(dominators->dominator);
	free(dominators->retained);
	*dominators = (struct dominators){0};
}
