/*
 * Pins by who holds them.
 */
#ifndef PIPELINE_PIN_GROUPS_H
#define PIPELINE_PIN_GROUPS_H

#include "analysis/holders.h"
#include "pipeline/sparse.h"

#define GROUP_NONE UINT32_MAX

struct pin_group {
	struct snapshot_release release; /* what is known before it is simulated */
	uint64_t share;                  /* bytes of arenas, each divided among its pins */
	const void *arena;               /* the last that was counted */
	const char *type;                /* of most pins, if any is */
	uint64_t votes;
	VECTOR_OF(uint32_t) objects; /* RELEASE_PINS: to be freed */
};

struct pin_groups {
	const struct sparse_list *list;
	struct holders holders;
	VECTOR_OF(struct pin_group) groups; /* those with the largest share first */
	uint32_t *group_of[2]; /* [object_count] of holders, and of others who refer to pins */
	uint32_t of_state[RELEASE_KINDS]; /* those without an object */
	uint32_t simulated;               /* how many of the first are worth it */
};

bool pin_groups_find(const struct sparse_list *list, const struct dominator_tree *tree,
		     struct pin_groups *ret, struct error *err);
void pin_groups_release(struct pin_groups *groups);

/* The group of a pin, if it is one of the simulated; or GROUP_NONE. */
uint32_t pin_group_of(const struct pin_groups *groups, const struct pin *pin);

#endif
