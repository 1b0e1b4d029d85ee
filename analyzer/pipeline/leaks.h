/*
 * From states and surpluses to suspects: what was leaked, how sure that is, and what goes with
 * each of them.
 */
#ifndef PIPELINE_LEAKS_H
#define PIPELINE_LEAKS_H

#include "pipeline/scan.h"
#include "store/snapshot.h"

/*
 * Fills snapshot->leaks from its graph, ledger, reachability, components and cycles.
 * `partial`: pages are missing, so nothing can be proven.
 */
bool leaks_find(const struct collection *collection, const struct suspects *suspects,
		bool partial, struct snapshot *snapshot, struct error *err);

#endif
