/*
 * Trials: what would be if the references of some sites were not there.
 */
#ifndef PIPELINE_CYCLE_TRIALS_H
#define PIPELINE_CYCLE_TRIALS_H

#include "pipeline/cycles/cycle_candidates.h"

/* What is tried, and what came of it. */
struct trial {
	uint32_t sites[MOST_CANDIDATES];
	uint32_t count;
	struct snapshot_cycle_edge edge;
	int preference;
};

struct trials;

/* All of them outlive it. */
struct trials *trials_create(const struct snapshot *snapshot, const struct cycle_map *map,
			     const struct cycle_groups *groups, struct error *err);
void trials_free(struct trials *trials);

/*
 * Fills the edge's pattern, cycles, objects and bytes: of the cycles of one group, or of all
 * garbage if it is OBJECT_NONE.  Linear in the group's cycles and in what is freed.
 */
bool trials_run(struct trials *trials, uint32_t group, struct trial *trial, struct error *err);

/* References between garbage that have the site. */
uint32_t trials_references(const struct trials *trials, uint32_t site);

/* What goes when the collector takes the group's cycles, which are garbage. */
bool trials_collect(struct trials *trials, uint32_t group, struct release_sum *ret,
		    struct error *err);

#endif
