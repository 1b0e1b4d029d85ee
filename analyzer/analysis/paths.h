/*
 * How each object is reached: a tree of best paths from the roots.
 *
 * Best is what a person would write down: steps and roots have weights, and the path of the
 * least sum wins.  A path by module and attribute beats one by a class and its method's
 * globals, though that may be shorter.
 */
#ifndef ANALYSIS_PATHS_H
#define ANALYSIS_PATHS_H

#include "analysis/dominators.h"

#define PATH_WEIGHT_MOST 31u

/*
 * Over references that hold, between objects of the same state.  Paths begin where a root holds
 * an object; of leaked objects where holding begins; of garbage at the objects that nothing but
 * the virtual root dominates.
 */
struct paths {
	uint32_t *
		parent; /* [object_count] the object before it; OBJECT_NONE: the path begins here */
	/*
	 * [object_count] index into graph->target of the step from the parent; where the path
	 * begins, index into graph->roots, or OBJECT_NONE: held by no root.
	 */
	uint32_t *step;
	uint32_t *depth; /* [object_count] steps; 0: the path begins here */
	/*
	 * [object_count] an object further up the path, or itself where the path begins: from
	 * jump to jump, or to the parent where that leads too far, any ancestor is O(log depth) away.
	 */
	uint32_t *jump;
};

/*
 * weight: of each label, at most PATH_WEIGHT_MOST: what a step by a reference of that name
 * costs.  Of roots in the interpreter's and threads' state it is the cost, too; those of other
 * kinds have their own.
 */
bool paths_compute(const struct graph *graph, const struct reachability *reachability,
		   const struct dominators *dominators, const uint8_t *weight,
		   struct paths *ret, struct error *err);
void paths_release(struct paths *paths);

#endif
