/*
 * The refcount ledger: what the counts say against the references we know.
 */
#ifndef ANALYSIS_LEDGER_H
#define ANALYSIS_LEDGER_H

#include "base/error.h"
#include "graph/graph.h"

/*
 * found[i]: counted references to object i, and what its roots explain (which may be negative:
 * a static object's count as linked stands for pointers in the initial image; guessed roots
 * explain nothing).  surplus[i] = refcount - found; 0 for immortal objects and those without a
 * readable count.  Sums that a damaged count would overflow stop at the ends of int64_t.
 */
struct ledger {
	int64_t *found;   /* [object_count] */
	int64_t *surplus; /* [object_count] */
};
bool ledger_compute(const struct graph *graph, struct ledger *ret, struct error *err);
void ledger_release(struct ledger *ledger);

#endif
