/*
 * Makes a graph from reports that come in any order of objects, and whose references name
 * addresses that may only later turn out to be objects.
 */
#ifndef GRAPH_BUILDER_H
#define GRAPH_BUILDER_H

#include "base/address_set.h"
#include "base/error.h"
#include "graph/graph.h"

struct graph_builder;

struct graph_object {
	addr_t address;
	uint64_t size;      /* bytes, headers included */
	int64_t refcount;
	uint32_t type;
	uint8_t flags;      /* enum object_flag */
	uint8_t generation; /* or GENERATION_NONE */
};

struct graph_builder *graph_builder_create(void);
void graph_builder_free(struct graph_builder *builder);
DEFINE_CLEANUP(struct graph_builder *, graph_builder_free)

/* Each object once.  References and owned bytes that follow are its own. */
void graph_builder_object(struct graph_builder *builder, const struct graph_object *object);
void graph_builder_reference(struct graph_builder *builder, addr_t target, uint32_t label,
			     enum reference_kind kind);
/* Leaves out the next `count` ordinals: the empty positions of a list. */
void graph_builder_skip(struct graph_builder *builder, uint32_t count);
void graph_builder_owned(struct graph_builder *builder, uint64_t bytes);

/* root->object is ignored; target names it. */
void graph_builder_root(struct graph_builder *builder, addr_t target,
			const struct graph_root *root);

/*
 * Everything sorted and resolved.  References and roots to addresses that are no object are
 * left out; *ret_dangling counts them.  The builder is spent.  NULL when out of memory.
 */
struct graph *graph_builder_finish(struct graph_builder *builder, uint64_t *ret_dangling,
				   struct error *err);

#endif
