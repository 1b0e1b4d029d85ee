/*
 * Of blocks that nothing explains: what points to them, and what their first word points to.
 * A block that only such a block points to has the holder of that one, and so on: so memory
 * of a library without debug info says at least which library, which variable or whose object.
 *
 * Conservative: any word with the address of a block, or of one of its first bytes, counts; if
 * that explains too little, of any of its bytes. 
 */
#ifndef PIPELINE_BLOCK_HOLDERS_H
#define PIPELINE_BLOCK_HOLDERS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills first_word and holder of the rows of snapshot->blocks that are used and of no kind. */
bool block_holders_fill(struct target *target, const struct collection *collection,
			struct snapshot *snapshot, struct error *err);

#endif
