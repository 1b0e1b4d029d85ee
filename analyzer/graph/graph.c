#include "graph/graph.h"

#include <stdlib.h>

static const char *const root_kind_names[ROOT_KINDS] = {
	[ROOT_STATIC] = "static",
	[ROOT_GLOBAL] = "global",
	[ROOT_INTERPRETER] = "interpreter",
	[ROOT_THREAD] = "thread",
	[ROOT_FRAME] = "frame",
	[ROOT_C_LOCAL] = "c-local",
	[ROOT_STACK] = "stack",
	[ROOT_REGISTER] = "register",
	[ROOT_NATIVE] = "native",
};

const char *root_kind_name(enum root_kind kind)
{
	return root_kind_names[kind];
}

/* The columns are const to everyone but their makers and this. */
static void free_column(const void *column)
{
	free((void *)column);
}

bool graph_append_roots(struct graph *graph, const struct graph_root *roots, uint32_t count)
{
	size_t size = ((size_t)graph->root_count + count + 1) * sizeof(*roots);
	struct graph_root *grown = realloc((void *)graph->roots, size);

	if (!grown)
		return false;
	if (count)
		memcpy(grown + graph->root_count, roots, count * sizeof(*roots));
	graph->roots = grown;
	graph->root_count += count;
	return true;
}

void graph_set_counted(struct graph *graph, uint32_t root, int64_t counted)
{
	((struct graph_root *)graph->roots)[root].counted = counted;
}

void graph_add_owned(struct graph *graph, uint32_t object, uint64_t bytes)
{
	((uint64_t *)graph->owned_size)[object] += bytes;
}

void graph_want(struct graph *graph, uint32_t object)
{
	((uint8_t *)graph->flags)[object] |= OBJECT_WANTING;
}

void graph_doubt_root(struct graph *graph, uint32_t root)
{
	((struct graph_root *)graph->roots)[root].kind = ROOT_STACK;
	graph_set_counted(graph, root, 0);
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	free_column(graph->address);
	free_column(graph->type);
	free_column(graph->size);
	free_column(graph->owned_size);
	free_column(graph->refcount);
	free_column(graph->flags);
	free_column(graph->generation);
	free_column(graph->first_reference);
	free_column(graph->target);
	free_column(graph->ordinal);
	free_column(graph->label);
	free_column(graph->kind);
	free_column(graph->first_referrer);
	free_column(graph->referrer);
	free_column(graph->roots);
	free(graph);
}

uint32_t graph_object_at(const struct graph *graph, addr_t address)
{
	uint32_t low = 0, high = graph->object_count;

	/* Objects below low begin at or below address, those from high on above it. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (graph->address[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : OBJECT_NONE;
}

uint32_t graph_find_object(const struct graph *graph, addr_t address)
{
	uint32_t object = graph_object_at(graph, address);

	return object != OBJECT_NONE && graph->address[object] == address ? object
									  : OBJECT_NONE;
}
