/*
 * Which references, made weak or cleared, would break the cycles of a kind, and what of the
 * garbage reference counting alone would have freed then.
 */
#ifndef PIPELINE_CYCLE_EDGES_H
#define PIPELINE_CYCLE_EDGES_H

#include "pipeline/cycles/cycle_groups.h"

/*
 * Fills snapshot->cycle_edges, and the patterns' held objects, edges and advice.  A few sites of
 * each pattern are tried; each trial is linear in the cycles of the pattern and in what it frees.
 */
bool cycle_edges_find(const struct collection *collection, struct snapshot *snapshot,
		      const struct cycle_map *map, const struct cycle_groups *groups,
		      struct error *err);

#endif
