/*
 * The chain that led to a block, as a C expression.
 */
#include "typing/typegraph_parts.h"

#include <stdio.h>

#define MOST_STEPS 6 /* of a chain that is written in full */
#define LAST_STEPS 2 /* of a longer one */

struct text {
	char *bytes;
	size_t size, length;
};

static void append(struct text *text, const char *part)
{
	int length =
		snprintf(text->bytes + text->length, text->size - text->length, "%s", part);

	if (length > 0)
		text->length += (size_t)length;
	if (text->length >= text->size)
		text->length = text->size - 1;
}

/* The blocks from one up towards the source; at most as many as the limit. */
static size_t chain_of(const struct typegraph *graph, uint32_t block, uint32_t *ret,
		       size_t most)
{
	size_t count = 0;

	while (count < most) {
		ret[count++] = block;
		block = graph->nodes.items[block].parent;
		if (block & FROM_SOURCE)
			break;
	}
	return count;
}

/* A member of a struct, or an element of an array of pointers. */
static void append_step(const struct typegraph *graph, uint32_t block, struct text *text)
{
	const struct node *node = &graph->nodes.items[block];
	const struct source *source = &graph->sources.items[node->source];
	bool is_first = node->parent & FROM_SOURCE;
	uint32_t shape = is_first ? source->shape : graph->nodes.items[node->parent].shape;
	const char *name = shapes_get(graph->shapes, shape)->slots[node->slot].name;

	if (is_first && source->is_array)
		append(text, "[]");
	if (!is_first)
		append(text, *name ? "->" : "[]");
	else if (*name)
		append(text, ".");
	append(text, name);
}

void typegraph_evidence(const struct typegraph *graph, uint32_t block, char *ret, size_t size)
{
	const struct source *source = &graph->sources.items[graph->nodes.items[block].source];
	struct text text = {ret, size, 0};
	uint32_t chain[MOST_STEPS + 1];
	size_t count = chain_of(graph, block, chain, ARRAY_COUNT(chain));

	ret[0] = '\0';
	append(&text, source->function);
	if (*source->function)
		append(&text, ".");
	append(&text, source->label);
	if (count > MOST_STEPS) {
		append(&text, "->...");
		count = LAST_STEPS;
	}
	for (size_t i = count; i > 0; i--)
		append_step(graph, chain[i - 1], &text);
}
