/*
 * The tracing collector's rows: how it stood, what it would do if it ran now, and how much of
 * what it visits can be in no cycle.
 */
#ifndef PIPELINE_COLLECTORS_H
#define PIPELINE_COLLECTORS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills snapshot->collectors, generations and tracked_types from its graph and components. */
bool collectors_fill(const struct collection *collection, struct snapshot *snapshot,
		     struct error *err);

#endif
