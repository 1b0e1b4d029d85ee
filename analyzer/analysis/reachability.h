/*
 * What is alive, what the collector would free, and what nobody known holds.
 */
#ifndef ANALYSIS_REACHABILITY_H
#define ANALYSIS_REACHABILITY_H

#include "analysis/ledger.h"

enum object_state { STATE_LIVE, STATE_GARBAGE, STATE_LEAKED };
const char *object_state_name(enum object_state state); /* "live", … */

/*
 * live: reachable over counted references from a root that is no guess, or from a guessed
 * root whose object has a positive surplus (a stale word on a stack keeps nothing alive whose
 * references are all accounted for), or from an immortal object.
 * leaked: not live, has a positive surplus or is reachable from such an object.
 * garbage: the rest; the collector would free it.
 * distance: references from the nearest root, 0 for the root's object; UINT32_MAX unless live.
 * Immortal objects that no root leads to have 0, and what only they lead to counts from them.
 * held: the objects where holding begins: the live ones of distance 0, and the leaked ones of
 * positive surplus.
 */
struct reachability {
	uint8_t *state;     /* [object_count] enum object_state */
	uint32_t *distance; /* [object_count] */
	bool *held;         /* [object_count] */
};
bool reachability_compute(const struct graph *graph, const struct ledger *ledger,
			  struct reachability *ret, struct error *err);
void reachability_release(struct reachability *reachability);

#endif
