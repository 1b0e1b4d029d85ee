/*
 * Rows for what the C library's allocator has and nobody uses: free and cached blocks, the top
 * of each arena, and how much of them each arena has.
 */
#ifndef PIPELINE_HEAP_ROWS_H
#define PIPELINE_HEAP_ROWS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Adds to snapshot->blocks, and completes snapshot->arenas, which are all there by then. */
bool heap_rows_fill(const struct collection *collection, struct snapshot *snapshot,
		    struct error *err);

#endif
