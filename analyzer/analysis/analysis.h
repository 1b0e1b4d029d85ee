/*
 * Questions about a graph, answered by pure functions: no I/O, no process, no SQL.  Every
 * walk uses an explicit stack.  Results are plain arrays that the caller releases.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "base/error.h"
#include "graph/graph.h"

/*
 * The refcount ledger.  found[i]: counted references to object i, roots included.
 * surplus[i] = refcount - found; 0 for immortal objects and those without a readable count.
 */
struct ledger {
	int64_t *found;   /* [object_count] */
	int64_t *surplus; /* [object_count] */
};
bool ledger_compute(const struct graph *graph, struct ledger *ret, struct error *err);
void ledger_release(struct ledger *ledger);

enum object_state { STATE_LIVE, STATE_GARBAGE, STATE_LEAKED };
const char *object_state_name(enum object_state state); /* "live", … */

/*
 * live: reachable over counted references from a root that is no guess, or from a guessed
 * root whose object has a positive surplus (a stale word on a stack keeps nothing alive whose
 * references are all accounted for).
 * leaked: not live, has a positive surplus or is reachable from such an object.
 * garbage: the rest; the collector would free it.
 * distance: references from the nearest root, 0 for the root's object; UINT32_MAX unless live.
 */
struct reachability {
	uint8_t *state;     /* [object_count] enum object_state */
	uint32_t *distance; /* [object_count] */
};
bool reachability_compute(const struct graph *graph, const struct ledger *ledger,
			  struct reachability *ret, struct error *err);
void reachability_release(struct reachability *reachability);

/*
 * Strongly connected components over counted references, of more than one object or with a
 * reference to itself.  A component's members are members[first[c]] … members[first[c+1]-1],
 * ascending; components are in order of their lowest member.
 */
struct components {
	uint32_t count;
	uint32_t *component_of; /* [object_count]; OBJECT_NONE: in no cycle */
	uint32_t *first;        /* [count + 1] */
	uint32_t *members;
};
/* Only among objects of which keep[i] is true; NULL keeps all. */
bool components_compute(const struct graph *graph, const bool *keep, struct components *ret,
			struct error *err);
void components_release(struct components *components);

/*
 * One shortest cycle of a component: references (indexes into graph->target) such that each
 * one's target is the next one's source and the last leads back to the first's source.
 * Looks from at most `starts` members.  *ret_count is 0 when out of memory.
 */
bool shortest_cycle(const struct graph *graph, const struct components *components,
		    uint32_t component, uint32_t starts, uint32_t **ret_references,
		    uint32_t *ret_count, struct error *err);

/*
 * Immediate dominators over counted references, from a virtual root over all non-guess roots
 * of live objects; garbage and leaked objects hang under their own groups' entries.
 * dominator[i]: object, or OBJECT_NONE under the virtual root.  retained[i]: bytes of the
 * object, its owned blocks and everything it dominates.
 */
struct dominators {
	uint32_t *dominator; /* [object_count] */
	uint64_t *retained;  /* [object_count] bytes */
};
bool dominators_compute(const struct graph *graph, const struct reachability *reachability,
			struct dominators *ret, struct error *err);
void dominators_release(struct dominators *dominators);

#endif
