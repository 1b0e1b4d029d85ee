/*
 * Many owners that are alike, of which each alone is too small for a finding: the same local of
 * fifty threads' frames, the cache of each of sixty classes.
 *
 * Paths that differ only in which thread, class, function or entry they go through are one
 * pattern; patterns are a tree as paths are, and bytes accumulate there just so.
 */
#ifndef PIPELINE_FINDINGS_SCATTERED_H
#define PIPELINE_FINDINGS_SCATTERED_H

#include "pipeline/findings/owners.h"

struct scattered_group {
	VECTOR_OF(uint32_t) members; /* objects */
	uint64_t bytes;              /* that they retain */
};

struct scattered {
	VECTOR_OF(struct scattered_group)
	groups; /* of two members and more; the largest first */
};

/* Only of what owners->found does not have. */
bool scattered_find(const struct findings *findings, const struct owners *owners,
		    struct scattered *ret, struct error *err);
void scattered_release(struct scattered *scattered);

/* What two texts have in common, with a * for each stretch of words in which they differ. */
const char *scattered_merge(struct arena *arena, const char *one, const char *other);

#endif
