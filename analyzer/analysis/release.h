/*
 * What reference counting alone would free of the garbage, if some references were not there:
 * no collector, only counts that fall to zero.
 */
#ifndef ANALYSIS_RELEASE_H
#define ANALYSIS_RELEASE_H

#include "analysis/cycle_steps.h"
#include "analysis/reachability.h"

struct release_sum {
	uint64_t objects;
	uint64_t bytes; /* of these and of the blocks that only they own */
};

struct release;

/* The graph and the reachability outlive it. */
struct release *release_create(const struct graph *graph,
			       const struct reachability *reachability, struct error *err);
void release_free(struct release *release);
DEFINE_CLEANUP(struct release *, release_free)

/*
 * References that are not there: those with a site of which gone[] is true, of objects of the
 * scope alone.  site_of[] has a site for each reference, SITE_NONE for most; scope_of[] a
 * number for each object, NULL: the scope is everything.
 */
struct release_gone {
	const uint32_t *site_of;
	const bool *gone;
	const uint32_t *scope_of;
	uint32_t scope;
};

/*
 * One question: begin, take references and objects away, end.  What is in `gone` (NULL:
 * nothing) is not followed when its source is freed: it is to be taken away.
 */
void release_begin(struct release *release, const struct release_gone *gone);
void release_take_reference(struct release *release, uint32_t reference);
/* Freed, as the collector does with cycles. */
void release_take_object(struct release *release, uint32_t object);
/* What is freed in all; and everything is as before. */
bool release_end(struct release *release, struct release_sum *ret, struct error *err);

#endif
