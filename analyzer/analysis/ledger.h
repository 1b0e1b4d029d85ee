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
/*
 * A C variable may be borrowed: its type does not say whether it holds a count of the object
 * that it points to.  Where more references were found than an object has, those of C
 * variables and of the interpreter's state are taken for borrowed, as many as are too many.
 * Before that, of the words that may be a C function's locals those become guesses for which
 * no count is missing; and all of a call's if more remain than the function holds.
 */
void ledger_settle(struct ledger *ledger, struct graph *graph);
void ledger_release(struct ledger *ledger);

#endif
