/*
 * Conclusions for a person, the most severe first, then by bytes, each with the query that proves it.
 */
#ifndef PIPELINE_FINDINGS_H
#define PIPELINE_FINDINGS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

bool findings_make(const struct collection *collection, struct snapshot *snapshot,
		   struct error *err);

#endif
