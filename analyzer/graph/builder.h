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
	uint64_t size; /* bytes, headers included */
	int64_t refcount;
	uint32_t type;
	uint8_t flags;      /* enum object_flag */
	uint8_t generation; /* or GENERATION_NONE */
};

struct graph_builder *graph_builder_create(void);
void graph_builder_free(struct graph_builder *builder);
DEFINE_CLEANUP(struct graph_builder *, graph_builder_free)

/*
 * References, skips and owned bytes that follow are its own.  An object that was reported
 * before, or whose address is not 8-byte aligned, is ignored with all that follows it.
 */
void graph_builder_object(struct graph_builder *builder, const struct graph_object *object);
void graph_builder_reference(struct graph_builder *builder, addr_t target, uint32_t label,
			     enum reference_kind kind);
/* Leaves out the next `count` ordinals: the empty positions of a list. */
void graph_builder_skip(struct graph_builder *builder, uint32_t count);

/* Bytes of blocks that only the object reported last owns, or the one at `object`, which may
 * be reported later; bytes of what turns out to be no object are left out. */
void graph_builder_owned(struct graph_builder *builder, uint64_t bytes);
void graph_builder_owned_by(struct graph_builder *builder, addr_t object, uint64_t bytes);

/* root->object is ignored; target names it. */
void graph_builder_root(struct graph_builder *builder, addr_t target,
			const struct graph_root *root);

/* How many reports of objects were ignored. */
uint64_t graph_builder_ignored(const struct graph_builder *builder);

/*
 * Everything sorted and resolved.  References and roots to addresses that are no object are
 * left out, with their ordinals; *ret_dangling counts them.  The builder is spent.  NULL when
 * out of memory, or with more objects, references or labels than the numbers can tell apart
 * (2^32, 2^32, 2^28).
 */
struct graph *graph_builder_finish(struct graph_builder *builder, uint64_t *ret_dangling,
				   struct error *err);

#endif
