/*
 * Where bytes accumulate in a tree of owners: the nodes that a person would name.
 *
 * A node is too high up to be named if nearly all it has comes from one child, and too low if
 * it is one of many alike.  So from the root down:
 *   what has names of its own (attributes, globals) is judged by itself, as soon as it is large;
 *   of a container's entries one is judged by itself only if few have nearly everything;
 *   what is left of a node, if that is large, is the node's own;
 *   of a chain of things alike (a linked list) the first is named.
 *
 * Refuses to know: what the nodes are.
 */
#ifndef ANALYSIS_ACCUMULATION_H
#define ANALYSIS_ACCUMULATION_H

#include "base/error.h"
#include "base/types.h"
#include "base/vector.h"

#include <stdbool.h>
#include <stdint.h>

#define TREE_ROOT UINT32_MAX /* the parent of what is under the virtual root */

struct owner_tree {
	uint32_t count;
	const uint32_t *parent; /* [count] or TREE_ROOT; no cycles */
	const uint64_t *weight; /* [count] own bytes */
	const uint32_t *kind;   /* [count] equal for what is alike */
	const bool *is_entry;   /* [count] an entry of its parent, and not one of its names */
};

struct accumulation {
	uint32_t node;
	uint64_t bytes; /* below it and its own, without what others of the result have */
};

struct accumulations {
	VECTOR_OF(struct accumulation) items; /* the largest first */
	uint64_t *total;                      /* [count] own bytes and all below */
};

/* All nodes, each after everything below it. */
bool owner_tree_order(const uint32_t *parent, uint32_t count, uint32_t *order,
		      struct error *err);

/* The nodes where at least `least` bytes accumulate. */
bool accumulations_find(const struct owner_tree *tree, uint64_t least,
			struct accumulations *ret, struct error *err);
void accumulations_release(struct accumulations *accumulations);

#endif
