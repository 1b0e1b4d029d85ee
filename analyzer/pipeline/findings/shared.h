/*
 * Holders that share: two indexes of the same records, several logs of the same calls.  None of
 * them retains what it holds, but the object that has them all does, and that is the one to name.
 */
#ifndef PIPELINE_FINDINGS_SHARED_H
#define PIPELINE_FINDINGS_SHARED_H

#include "analysis/accumulation.h"
#include "pipeline/findings/kinds.h"

/* A holder that was found, and which one it is told with. */
struct shared_part {
	uint32_t keeper, node;
};

struct shared_parts {
	struct shared_part *items;
	size_t count, capacity;
	bool failed;
};

/*
 * The nearest dominator of the object, or itself, that retains nearly all of `below`, the bytes
 * below the object on paths; OBJECT_NONE where none does.
 */
uint32_t shared_keeper(const struct findings *findings, uint32_t object, uint64_t below);

/*
 * Puts their keeper in the place of holders that share, and adds them to *parts, the largest of
 * each first.  is_program: [object_count] parts of the program, as modules and classes are: these
 * have everything, and keep nothing, and nor do frames.  Holders that share little of what their
 * keeper retains stay.
 */
void shared_join(const struct findings *findings, const bool *is_program,
		 struct accumulations *found, struct shared_parts *parts);

#endif
