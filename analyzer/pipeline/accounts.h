/*
 * Where every byte of the dump is: the mappings, and a tree of buckets whose leaves sum to
 * the dump.
 */
#ifndef PIPELINE_ACCOUNTS_H
#define PIPELINE_ACCOUNTS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills snapshot->mappings, blocks, arenas, pools and accounting. */
bool accounts_fill(struct target *target, const struct collection *collection,
		   struct snapshot *snapshot, struct error *err);

#endif
