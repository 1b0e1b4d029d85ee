/*
 * Who alone keeps what alive, and so how much would go with it.
 */
#ifndef ANALYSIS_DOMINATORS_H
#define ANALYSIS_DOMINATORS_H

#include "analysis/reachability.h"

/*
 * Immediate dominators over counted references between objects of the same state, from a
 * virtual root over what holds each state's objects:
 *   live and leaked: the objects that reachability calls held;
 *   garbage, which nothing holds: in each part that no other garbage refers to, the object of
 *   the lowest address, so that a dropped cycle is one tree.
 * dominator[i]: object, or OBJECT_NONE under the virtual root.  retained[i]: bytes of the
 * object, its owned blocks and everything it dominates.  What OBJECT_NONE dominates adds up
 * to all bytes.
 */
struct dominators {
	uint32_t *dominator; /* [object_count] */
	uint64_t *retained;  /* [object_count] bytes */
};
bool dominators_compute(const struct graph *graph, const struct reachability *reachability,
			struct dominators *ret, struct error *err);
void dominators_release(struct dominators *dominators);

#endif
