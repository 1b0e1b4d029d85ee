/*
 * Conclusions for a person, ranked by bytes and certainty, each with the query that proves it.
 */
#ifndef PIPELINE_FINDINGS_H
#define PIPELINE_FINDINGS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

bool findings_make(const struct collection *collection, struct snapshot *snapshot,
		   struct error *err);

#endif
