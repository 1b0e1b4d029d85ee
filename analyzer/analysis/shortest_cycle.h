/*
 * One cycle to show for a component: a short one says most.
 */
#ifndef ANALYSIS_SHORTEST_CYCLE_H
#define ANALYSIS_SHORTEST_CYCLE_H

#include "analysis/cycle_steps.h"
#include "base/cleanup.h"
#include "base/error.h"

/* Scratch for all nodes of some steps. */
struct cycle_search;
struct cycle_search *cycle_search_create(const struct cycle_steps *steps, struct error *err);
void cycle_search_free(struct cycle_search *search);
DEFINE_CLEANUP(struct cycle_search *, cycle_search_free)

/*
 * The sites of one shortest cycle among the nodes, in its order from the place that puts the
 * least of them first; valid until the next call.  Of equally short ones the least.  Steps of
 * sites of which skip[] is true (NULL: none) are taken for none.  Which one it is depends on
 * the shape of what the nodes are and on the sites' texts, and not on addresses.
 *
 * Cycles of one and two steps are all looked at.  Longer ones are looked for from a few nodes:
 * among many more it may be only one of the short cycles.  Returns the number of
 * steps; 0 if there is no cycle.
 */
uint32_t cycle_search_shortest(struct cycle_search *search, struct node_range nodes,
			       const bool *skip, const uint32_t **ret_sites);

#endif
