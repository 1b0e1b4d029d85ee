/*
 * What a typegraph is made of.  Only for files of typing/.
 */
#ifndef TYPING_TYPEGRAPH_PARTS_H
#define TYPING_TYPEGRAPH_PARTS_H

#include "base/vector.h"
#include "typing/typegraph.h"

#define FROM_SOURCE 0x80000000u /* in node.parent: the number of a source */

struct node {
	addr_t address;
	uint64_t size;
	uint32_t shape;
	uint32_t parent; /* the block whose pointer said so, or a source */
	uint32_t slot;   /* of the parent's shape */
	uint32_t source; /* where the chain begins */
	uint8_t confidence;
	bool is_mapped, is_array;
	bool is_taken;   /* its own pointers were followed */
	bool in_dispute; /* in this round */
	bool is_banned;  /* was in dispute */
};

struct source {
	uint32_t shape;
	const char *function, *label; /* function: of a static variable in one, else "" */
	bool is_array;
};

struct place {
	addr_t address;
	uint64_t size;
	uint32_t source;
};

struct queue {
	VECTOR_OF(uint32_t) nodes;
	size_t taken;
};

struct typegraph {
	struct target *target;
	struct shapes *shapes;
	struct fit_reader reader;
	VECTOR_OF(struct node) nodes; /* ascending */
	VECTOR_OF(struct source) sources;
	VECTOR_OF(struct place) places;
	struct queue queues[TYPE_CERTAIN + 1]; /* by confidence */
	bool disputed;
};

#endif
