#include "pipeline/contents.h"

#include "base/hash.h"

#include <stdlib.h>

/* SQLite keeps such numbers in six bytes. */
#define CONTENT_MASK (((uint64_t)1 << 47) - 1)

struct content_sums {
	const struct collection *collection;
	const struct graph *graph;
	uint64_t *content;   /* [object_count] */
	bool *by_references; /* [object_count] */
};

/* Never 0. */
static uint64_t content_number(uint64_t hash)
{
	return (hash & CONTENT_MASK) | 1;
}

/* Attributes of an object can change though its items cannot. */
static bool is_attribute(const struct content_sums *contents, uint32_t reference)
{
	const char *label =
		names_get(contents->collection->labels, contents->graph->label[reference]);

	return label[0] == '.' || !strcmp(label, "__dict__");
}

/*
 * The target's address and, where it is one, its value: an int that took a dead one's place
 * makes another tuple.
 */
static uint64_t hash_references(const struct content_sums *contents, uint32_t object)
{
	const struct graph *graph = contents->graph;
	uint64_t hash = HASH_START;

	for (uint32_t i = graph->first_reference[object];
	     i < graph->first_reference[object + 1]; i++) {
		uint32_t target = graph->target[i];

		if (!reference_is_counted(graph->kind[i]) || is_attribute(contents, i))
			continue;
		hash = hash_word(hash, graph->ordinal[i]);
		hash = hash_word(hash, graph->address[target]);
		hash = hash_word(
			hash, contents->by_references[target] ? 0 : contents->content[target]);
	}
	return hash;
}

static void fill_values(struct content_sums *contents, const struct runtime_ops *ops,
			struct runtime *runtime)
{
	const struct graph *graph = contents->graph;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint64_t number;

		switch (ops->content(runtime, graph->type[i], graph->address[i], &number)) {
		case CONTENT_CHANGES:
			break;
		case CONTENT_VALUE:
			contents->content[i] = content_number(number);
			break;
		case CONTENT_REFERENCES:
			contents->by_references[i] = true;
			break;
		}
	}
}

uint64_t *contents_compute(const struct collection *collection, const struct graph *graph,
			   const struct runtime_ops *ops, struct runtime *runtime)
{
	size_t room = (size_t)graph->object_count + 1;
	CLEANUP_FREE uint64_t *content = calloc(room, sizeof(*content));
	CLEANUP_FREE bool *by_references = calloc(room, sizeof(*by_references));
	struct content_sums contents = {collection, graph, content, by_references};

	if (!content || !by_references)
		return NULL;
	fill_values(&contents, ops, runtime);
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (by_references[i])
			content[i] = content_number(hash_references(&contents, i));
	return TAKE(content);
}
