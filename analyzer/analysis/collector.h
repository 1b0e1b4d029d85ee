/*
 * What the tracing collector would do if it ran now, and what it visits in vain.
 */
#ifndef ANALYSIS_COLLECTOR_H
#define ANALYSIS_COLLECTOR_H

#include "base/error.h"
#include "graph/graph.h"

/*
 * A collection of a generation and all younger ones, as CPython does it: of each tracked object
 * in them the count, less the traversed references from others of them.  What is left above
 * zero is held from outside (older generations are outside), and so is all that leads from
 * there over traversed references; the rest is found to be garbage.  Immortal objects are
 * taken off the lists: they are visited, and what they refer to is held from outside.
 */
struct collector_pass {
	uint64_t visited, followed; /* objects; traversed references from them */
	uint64_t found;             /* objects */
	uint64_t found_bytes;       /* of these and their blocks */
};
bool collector_pass(const struct graph *graph, uint8_t oldest, struct collector_pass *ret,
		    struct error *err);

/*
 * leads[i]: object i refers to a tracked object, its own type aside, or to an untracked one that
 * leads to such (from object to tracked object over counted references, to an untracked one over
 * any).  A tracked object of which that is not so can be in no cycle until something else is
 * stored in it.  type_object[type]: the type as an object, or OBJECT_NONE.  The caller frees
 * *ret_leads.
 */
bool collector_leads(const struct graph *graph, const uint32_t *type_object, bool **ret_leads,
		     struct error *err);

#endif
