/*
 * Which sites are worth trying to break the cycles of a pattern, and which of them a programmer
 * would rather give up: what leads back to an owner, and not what leads from it.
 */
#ifndef PIPELINE_CYCLE_CANDIDATES_H
#define PIPELINE_CYCLE_CANDIDATES_H

#include "pipeline/cycles/cycle_groups.h"

enum { MOST_CANDIDATES = 8 };

struct candidate_site {
	uint32_t site;
	uint64_t cycles;     /* that it is in */
	uint64_t references; /* steps of it in the pattern's cycles */
	int direction;       /* above 0: it leads back to an owner; below 0: away from it */
	int preference;      /* the more, the better */
};

struct candidates;

/* The snapshot and the map outlive it.  NULL when out of memory. */
struct candidates *candidates_create(const struct snapshot *snapshot,
				     const struct cycle_map *map);
void candidates_free(struct candidates *candidates);

/* Those of a group, at most MOST_CANDIDATES; by text.  Returns their number. */
uint32_t candidates_find(struct candidates *candidates, const struct cycle_groups *groups,
			 uint32_t group, struct candidate_site *ret);

#endif
