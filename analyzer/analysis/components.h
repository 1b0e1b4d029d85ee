/*
 * Strongly connected components: which objects refer to one another in circles.
 */
#ifndef ANALYSIS_COMPONENTS_H
#define ANALYSIS_COMPONENTS_H

#include "base/error.h"
#include "graph/graph.h"

/*
 * Strongly connected components over counted references, of more than one object or with a
 * reference to itself.  A component's members are members[first[c]] … members[first[c+1]-1],
 * ascending; components are in order of their lowest member.
 */
struct components {
	uint32_t count;
	uint32_t *component_of; /* [object_count]; OBJECT_NONE: in no cycle */
	uint32_t *position_of;  /* [object_count] in members; OBJECT_NONE: in no cycle */
	uint32_t *first;        /* [count + 1] */
	uint32_t *members;
};
/* Only among objects of which keep[i] is true; NULL keeps all. */
bool components_compute(const struct graph *graph, const bool *keep, struct components *ret,
			struct error *err);
void components_release(struct components *components);

#endif
