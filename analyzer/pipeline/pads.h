/*
 * Damage to the pads that Python's debug hooks put around blocks (PYTHONMALLOC=debug): which
 * block, whose it is, and who likely wrote.
 */
#ifndef PIPELINE_PADS_H
#define PIPELINE_PADS_H

#include "base/anomaly.h"
#include "pipeline/collect.h"

/* Records an anomaly of stage "pads" for each damaged block, and for the one before it. */
void pads_check(const struct collection *collection, const struct graph *graph,
		struct anomalies *anomalies);

#endif
