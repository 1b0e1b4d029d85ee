/*
 * Cycles as people read them: for each component one short cycle, as a pattern of types and
 * labels that is the same for every cycle of its kind; and what would break those of a kind.
 */
#ifndef PIPELINE_CYCLES_H
#define PIPELINE_CYCLES_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/*
 * Fills snapshot->cycles, cycle_patterns and cycle_edges from its graph, reachability,
 * components, dominators, values and label_styles.
 */
bool cycles_describe(const struct collection *collection, struct snapshot *snapshot,
		     struct error *err);

/* A number for a text: equal texts, equal numbers. */
uint64_t fingerprint_of(const char *text);

#endif
