/*
 * Parts of components of the same state and pattern, together.
 */
#ifndef PIPELINE_CYCLE_GROUPS_H
#define PIPELINE_CYCLE_GROUPS_H

#include "pipeline/cycles/cycle_map.h"

/* A part of a component: see analysis/cycle_steps.h. */
struct cycle_part {
	enum object_state state;
	enum cycle_kind kind;
	const char *pattern, *short_pattern;
	uint64_t bytes, finalizers;
	uint32_t length; /* of the cycle that is its pattern, in steps */
	uint32_t owner;  /* object outside of it that alone keeps it; OBJECT_NONE: none does */
};

struct cycle_groups {
	uint32_t count;
	uint32_t *group_of; /* by part */
	uint32_t *first;    /* [count + 1] */
	uint32_t *parts;    /* of group g: first[g] … first[g+1]-1 */
};

/*
 * Makes snapshot->cycle_patterns, all but held objects, edges and advice, in the order of the
 * report, and the groups in the same order.  parts[] are all of the map's.
 */
bool cycle_groups_make(const struct collection *collection, struct snapshot *snapshot,
		       const struct cycle_part *parts, const struct cycle_map *map,
		       struct cycle_groups *ret);
void cycle_groups_release(struct cycle_groups *groups);

#endif
