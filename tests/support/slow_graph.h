/*
 * What the analyses answer, computed the slow and obvious way for small graphs.
 */
#ifndef SUPPORT_SLOW_GRAPH_H
#define SUPPORT_SLOW_GRAPH_H

#include "analysis/analysis.h"
#include "support/graph_builder.h"

/* leads[i][j]: counted references lead from i to j in one or more steps, steps[i][j] at least;
 * both over objects of which keep[] is true. */
struct slow_paths {
	bool leads[RANDOM_OBJECTS][RANDOM_OBJECTS];
	uint32_t steps[RANDOM_OBJECTS][RANDOM_OBJECTS]; /* OBJECT_NONE: does not lead */
};
void slow_paths(const struct graph *graph, const bool *keep, struct slow_paths *ret);

struct slow_state {
	enum object_state state[RANDOM_OBJECTS];
	uint32_t distance[RANDOM_OBJECTS];
	bool held[RANDOM_OBJECTS];
	int64_t surplus[RANDOM_OBJECTS];
};
void slow_state(const struct graph *graph, struct slow_state *ret);

#endif
