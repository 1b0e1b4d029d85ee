/*
 * Conclusions for a person, the one to act on first at the top, each with the query that proves
 * it; see kinds.h for what there is and how they are ranked.
 */
#ifndef PIPELINE_FINDINGS_FINDINGS_H
#define PIPELINE_FINDINGS_FINDINGS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

bool findings_make(const struct collection *collection, struct snapshot *snapshot,
		   struct error *err);

#endif
