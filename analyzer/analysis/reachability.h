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
 * leaked: not live, has a positive surplus or is reachable from such an object; or it stands
 * in a cycle that the collector cannot see through, because something in it is not tracked or
 * does not report its references.
 * garbage: the rest; the collector would free it.
 * distance: references from the nearest root that holds something, 0 for the root's object;
 * UINT32_MAX unless live.  What no such root leads to counts from those that borrow, and what
 * those do not lead to from immortal objects.
 * held: the objects where holding begins: the live ones of distance 0, all immortal ones, and
 * the leaked ones of positive surplus or out of the collector's sight.
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
