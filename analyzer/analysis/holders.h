/*
 * Who holds many of some objects: the list, dict or instance that a person would name.
 */
#ifndef ANALYSIS_HOLDERS_H
#define ANALYSIS_HOLDERS_H

#include "analysis/dominator_tree.h"
#include "analysis/paths.h"

/* What is asked about: the objects are those with a weight. */
struct holders_question {
	const struct graph *graph;
	const struct paths *paths;
	const struct dominators *dominators;
	const struct dominator_tree *tree;
	const uint32_t *weight;   /* [object_count] */
	uint64_t least;           /* weight that is worth a name of its own */
	const bool *is_namespace; /* [object_count] modules, classes, their dicts, …: what they
				      refer to has a name of its own */
};

/*
 * Something that is dominated by a namespace or by nothing, but is no namespace itself, has a
 * name.  If it dominates at least `least` of the weight, it is the holder of all of that, or
 * what it dominates is, as long as nearly all the weight is below one thing: of a server's cache
 * it is the cache, and not the server.  Such a holder holds alone: without what it refers to the
 * objects die.  What is left beside the way from the name to the holder has a name of its own again.
 * Of less weight the holder is the one before it on the path to it, or itself where a path
 * begins; it need not hold alone.
 */
struct holders {
	uint32_t *holder; /* [object_count]; OBJECT_NONE: has no weight at or below it */
	bool *is_alone;   /* [object_count] the holder holds it alone */
};
bool holders_compute(const struct holders_question *question, struct holders *ret,
		     struct error *err);
void holders_release(struct holders *holders);

#endif
