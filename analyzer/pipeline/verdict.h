/*
 * What a process's memory is, as one sentence that names one of four things.
 *
 * The rule.  Of the memory that the process has on its heaps (the accounts' groups `pymalloc` and
 * `native`; mapped files and stacks are not in it)
 *
 *   leaked     proven leaks: objects with references that nobody owns, garbage, native blocks
 *   live       objects and the memory they own, without leaked ones
 *   retained   what allocators keep and nobody uses: free blocks, pools and chunks, caches, top
 *   native     blocks in use that no object is known to own, without leaked ones, and anonymous
 *              memory that nobody explains
 *
 * it is a leak if at least an eighth of the memory is leaked, and no less than a MiB; else it
 * is the largest of the other three.
 *
 * Of what is retained, `returnable` can go back to the system as it is: arenas with nothing in
 * them, top, and whole pages of free chunks (malloc_trim).  The rest must wait for what pins it.
 */
#ifndef PIPELINE_VERDICT_H
#define PIPELINE_VERDICT_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

enum verdict { VERDICT_LEAK, VERDICT_LIVE, VERDICT_RETENTION, VERDICT_NATIVE };

/* Bytes. */
struct verdict_figures {
	uint64_t memory;
	uint64_t leaked, leaked_native; /* the latter is part of the former */
	uint64_t live, retained, returnable, native;
};

/* From snapshot->accounting, leaks and arenas, and the collection's native blocks. */
struct verdict_figures verdict_figures(const struct collection *collection,
				       const struct snapshot *snapshot);

enum verdict verdict_of(const struct verdict_figures *figures);

/* The finding of kind "verdict"; its title is the sentence.  False: nothing is accounted for. */
bool verdict_find(const struct collection *collection, const struct snapshot *snapshot,
		  struct snapshot_finding *ret);

#endif
