/*
 * What is wasted, gathered by kind and holder.  Only for waste*.c.
 */
#ifndef PIPELINE_WASTE_GROUPS_H
#define PIPELINE_WASTE_GROUPS_H

#include "pipeline/holders.h"

#define GROUP_NONE UINT32_MAX

enum waste_kind {
	WASTE_EQUAL_TEXT,
	WASTE_EQUAL_BYTES,
	WASTE_ROOM_LIST, /* with room for more than they hold */
	WASTE_ROOM_MAPPING,
	WASTE_ROOM_SET,
	WASTE_EMPTY_LIST,
	WASTE_EMPTY_MAPPING,
	WASTE_EMPTY_SET,
	WASTE_INTEGERS, /* lists and tuples of nothing else */
	WASTE_FLOATS,
	WASTE_KINDS
};

struct waste_group {
	struct holder holder;
	enum waste_kind kind;
	/* What the rows say; see the columns of `waste`. */
	uint64_t objects, distinct, bytes;
	int64_t savings;
	uint32_t example;
	uint64_t weight; /* of the example: the largest one stays */
	/* Scratch for one set of equal objects. */
	uint32_t equal, equal_first;
	uint64_t equal_count;
};

struct waste_groups {
	VECTOR_OF(struct waste_group) groups;
	uint32_t *slots;   /* [slot_count] indexes of groups; GROUP_NONE: free */
	size_t slot_count; /* a power of two, of which half are free at least; or 0 */
};

/* The group of a kind and holder, new or known; GROUP_NONE: no memory. */
uint32_t waste_groups_find(struct waste_groups *groups, enum waste_kind kind,
			   const struct holder *holder);
void waste_group_example(struct waste_group *group, uint32_t object, uint64_t weight);
void waste_groups_release(struct waste_groups *groups);

#endif
