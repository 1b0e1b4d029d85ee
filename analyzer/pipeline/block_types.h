/*
 * What the blocks are that nobody claims: C types, followed through debug info from variables
 * and known structs; and of the rest, what speaks for them.
 */
#ifndef PIPELINE_BLOCK_TYPES_H
#define PIPELINE_BLOCK_TYPES_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills kinds and evidence of snapshot->blocks, which are all there by then. */
bool block_types_fill(struct target *target, const struct collection *collection,
		      struct snapshot *snapshot, struct error *err);

#endif
