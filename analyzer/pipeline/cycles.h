/*
 * Cycles as people read them: for each component one short cycle, as a pattern of types and
 * labels that is the same for every cycle of its kind.
 */
#ifndef PIPELINE_CYCLES_H
#define PIPELINE_CYCLES_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills snapshot->cycles from its graph, reachability and components. */
bool cycles_describe(const struct collection *collection, struct snapshot *snapshot,
		     struct error *err);

/* A number for a text: equal texts, equal numbers. */
uint64_t fingerprint_of(const char *text);

#endif
