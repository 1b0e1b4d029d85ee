/*
 * One cycle to show for a component: a short one says most.
 */
#ifndef ANALYSIS_SHORTEST_CYCLE_H
#define ANALYSIS_SHORTEST_CYCLE_H

#include "analysis/components.h"

/*
 * One shortest cycle of a component: references (indexes into graph->target) such that each
 * one's target is the next one's source and the last leads back to the first's source.
 * Looks from at most `starts` members (but at least one), evenly spread: it is a shortest one
 * among those that lead through one of them.  The caller frees *ret_references.  When out of
 * memory: false, and *ret_count is 0.
 */
bool shortest_cycle(const struct graph *graph, const struct components *components,
		    uint32_t component, uint32_t starts, uint32_t **ret_references,
		    uint32_t *ret_count, struct error *err);

#endif
