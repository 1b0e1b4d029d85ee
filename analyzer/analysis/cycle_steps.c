/*
 * What no step leads to is in no cycle, and goes; so does what only such nodes led to.
 */
#include "analysis/cycle_steps.h"

#include <stdlib.h>

bool cycle_walk_init(struct cycle_walk *walk, const struct cycle_steps *steps)
{
	size_t room = (size_t)steps->node_count + 1;

	*walk = (struct cycle_walk){
		.steps = steps,
		.count = calloc(room, sizeof(*walk->count)),
		.queue = malloc(room * sizeof(*walk->queue)),
	};
	return walk->count && walk->queue;
}

void cycle_walk_release(struct cycle_walk *walk)
{
	free(walk->count);
	free(walk->queue);
}

static bool is_there(const struct cycle_step *step, struct node_range nodes, const bool *skip)
{
	return node_is_in(nodes, step->target) && !(skip && skip[step->site]);
}

/* walk->count becomes the number of steps that lead to a node. */
static void count_steps(struct cycle_walk *walk, struct node_range nodes, const bool *skip)
{
	const struct cycle_steps *steps = walk->steps;

	for (uint32_t node = nodes.first; node < nodes.end; node++)
		walk->count[node] = 0;
	for (uint32_t s = steps->first_step[nodes.first]; s < steps->first_step[nodes.end]; s++)
		if (is_there(&steps->steps[s], nodes, skip))
			walk->count[steps->steps[s].target]++;
}

uint32_t cycle_walk_trim(struct cycle_walk *walk, struct node_range nodes, const bool *skip)
{
	const struct cycle_steps *steps = walk->steps;
	uint32_t end = 0;

	count_steps(walk, nodes, skip);
	for (uint32_t node = nodes.first; node < nodes.end; node++)
		if (!walk->count[node])
			walk->queue[end++] = node;
	/* What is queued is gone; its steps up to `begin` no longer count. */
	for (uint32_t begin = 0; begin < end; begin++) {
		uint32_t node = walk->queue[begin];

		for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1]; s++)
			if (is_there(&steps->steps[s], nodes, skip) &&
			    --walk->count[steps->steps[s].target] == 0)
				walk->queue[end++] = steps->steps[s].target;
	}
	return nodes.end - nodes.first - end;
}
