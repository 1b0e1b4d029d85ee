/*
 * Cycles of one step and of two are all found, in nearly linear time: of the two nodes of a
 * pair the one with fewer steps is looked through for one that leads back.  Longer ones are
 * found breadth first from a few nodes, which are chosen by the shape of what they lead to.
 */
#include "analysis/shortest_cycle.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STARTS 16
#define ROUNDS      3  /* steps that a node's shape takes in */
#define MOST_WORK   64 /* steps looked at for pairs, for each step of the component */

struct cycle_search {
	const struct cycle_steps *steps;
	const bool *skip;
	struct node_range nodes;
	struct cycle_walk walk;       /* count: 0 for nodes that are in no cycle */
	uint32_t *site;               /* [node_count] the least one from the node at hand */
	uint32_t *stamp;              /* [node_count] whether that is of the node at hand */
	uint32_t *from;               /* [node_count] breadth first: the step that led here */
	uint32_t *source;             /* [node_count] and the node that it left */
	uint64_t *shape, *next_shape; /* [node_count] */
	uint32_t *best, *found;       /* [node_count + 1] sites */
	uint32_t length;              /* of the best; 0: none yet */
	uint32_t starts[MOST_STARTS];
	uint32_t start_count;
};

void cycle_search_free(struct cycle_search *search)
{
	if (!search)
		return;
	cycle_walk_release(&search->walk);
	free(search->site);
	free(search->stamp);
	free(search->from);
	free(search->source);
	free(search->shape);
	free(search->next_shape);
	free(search->best);
	free(search->found);
	free(search);
}

struct cycle_search *cycle_search_create(const struct cycle_steps *steps, struct error *err)
{
	CLEANUP(cycle_search_freep) struct cycle_search *search = calloc(1, sizeof(*search));
	size_t bytes = ((size_t)steps->node_count + 1) * sizeof(uint32_t);

	if (search) {
		search->steps = steps;
		search->site = malloc(bytes);
		search->stamp = calloc(1, bytes);
		search->from = malloc(bytes);
		search->source = malloc(bytes);
		search->shape = malloc(2 * bytes);
		search->next_shape = malloc(2 * bytes);
		search->best = malloc(bytes);
		search->found = malloc(bytes);
	}
	if (!search || !cycle_walk_init(&search->walk, steps) || !search->site ||
	    !search->stamp || !search->from || !search->source || !search->shape ||
	    !search->next_shape || !search->best || !search->found) {
		error_out_of_memory(err, "looking for a short cycle");
		return NULL;
	}
	return TAKE(search);
}

static bool is_step(const struct cycle_search *search, const struct cycle_step *step)
{
	return node_is_in(search->nodes, step->target) && search->walk.count[step->target] &&
	       !(search->skip && search->skip[step->site]);
}

/* Where the least rotation of a sequence begins. */
static uint32_t least_rotation(const uint32_t *items, uint32_t count)
{
	uint32_t i = 0, j = 1, same = 0;

	/* No rotation that begins below i or j, except at these, is the least; from both on,
	 * `same` items are equal. */
	while (i < count && j < count && same < count) {
		uint32_t a = items[(i + same) % count], b = items[(j + same) % count];

		if (a == b) {
			same++;
			continue;
		}
		if (a > b)
			i += same + 1;
		else
			j += same + 1;
		j += i == j;
		same = 0;
	}
	return i < j ? i : j;
}

static int compare_sites(const uint32_t *left, const uint32_t *right, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}

static void rotate(uint32_t *ret, const uint32_t *items, uint32_t count, uint32_t start)
{
	memcpy(ret, items + start, (count - start) * sizeof(*ret));
	memcpy(ret + count - start, items, start * sizeof(*ret));
}

/* Takes what is in found[], if it is shorter or less. */
static void take_found(struct cycle_search *search, uint32_t length)
{
	uint32_t start = least_rotation(search->found, length);
	uint32_t *rotated = search->from; /* done with by now */

	rotate(rotated, search->found, length, start);
	if (search->length &&
	    (search->length < length ||
	     (search->length == length && compare_sites(search->best, rotated, length) <= 0)))
		return;
	memcpy(search->best, rotated, length * sizeof(*rotated));
	search->length = length;
}

static void find_loops(struct cycle_search *search)
{
	const struct cycle_steps *steps = search->steps;

	for (uint32_t node = search->nodes.first; node < search->nodes.end; node++)
		for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1]; s++)
			if (steps->steps[s].target == node &&
			    is_step(search, &steps->steps[s])) {
				search->found[0] = steps->steps[s].site;
				take_found(search, 1);
			}
}

static uint32_t step_count(const struct cycle_steps *steps, uint32_t node)
{
	return steps->first_step[node + 1] - steps->first_step[node];
}

/* The least site from a node to another; SITE_NONE if there is no step. */
static uint32_t site_back(const struct cycle_search *search, uint32_t node, uint32_t target)
{
	const struct cycle_steps *steps = search->steps;

	for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1]; s++)
		if (steps->steps[s].target == target && is_step(search, &steps->steps[s]))
			return steps->steps[s].site;
	return SITE_NONE;
}

/* Steps are by site, so the first to a target has the least one. */
static void note_targets(struct cycle_search *search, uint32_t node)
{
	const struct cycle_steps *steps = search->steps;

	for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1]; s++) {
		uint32_t target = steps->steps[s].target;

		if (search->stamp[target] == node + 1 || !is_step(search, &steps->steps[s]))
			continue;
		search->stamp[target] = node + 1;
		search->site[target] = steps->steps[s].site;
	}
}

static void take_pair(struct cycle_search *search, uint32_t node, uint32_t other)
{
	uint32_t back = site_back(search, other, node);

	if (back == SITE_NONE)
		return;
	search->found[0] = search->site[other];
	search->found[1] = back;
	take_found(search, 2);
}

static void find_pairs(struct cycle_search *search)
{
	const struct cycle_steps *steps = search->steps;
	uint64_t work = 0;
	uint64_t most = MOST_WORK * (uint64_t)(steps->first_step[search->nodes.end] -
					       steps->first_step[search->nodes.first]);

	for (uint32_t node = search->nodes.first; node < search->nodes.end && work <= most;
	     node++) {
		note_targets(search, node);
		for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1];
		     s++) {
			uint32_t other = steps->steps[s].target;

			if (search->stamp[other] != node + 1 ||
			    step_count(steps, other) > step_count(steps, node))
				continue;
			work += step_count(steps, other);
			take_pair(search, node, other);
			search->stamp[other] = 0; /* each target once */
		}
	}
}

static uint64_t mix(uint64_t hash)
{
	hash = (hash ^ hash >> 31) * 0x9E3779B97F4A7C15ull;
	return hash ^ hash >> 29;
}

/* Equal for nodes that lead to the same by the same sites, ROUNDS steps deep. */
static void compute_shapes(struct cycle_search *search)
{
	const struct cycle_steps *steps = search->steps;

	for (uint32_t node = search->nodes.first; node < search->nodes.end; node++)
		search->shape[node] = 1;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t *swap = search->shape;

		for (uint32_t node = search->nodes.first; node < search->nodes.end; node++) {
			uint64_t sum = mix(search->shape[node]);

			for (uint32_t s = steps->first_step[node];
			     s < steps->first_step[node + 1]; s++)
				if (is_step(search, &steps->steps[s]))
					sum += mix(steps->site_hash[steps->steps[s].site] ^
						   search->shape[steps->steps[s].target]);
			search->next_shape[node] = mix(sum);
		}
		search->shape = search->next_shape;
		search->next_shape = swap;
	}
}

/* Keeps those of the lowest shapes, ascending; of nodes of the same shape any will do. */
static void add_start(struct cycle_search *search, uint32_t node)
{
	uint32_t at = search->start_count;

	if (at == MOST_STARTS) {
		if (search->shape[search->starts[at - 1]] <= search->shape[node])
			return;
		at--;
	} else {
		search->start_count++;
	}
	for (; at > 0 && search->shape[search->starts[at - 1]] > search->shape[node]; at--)
		search->starts[at] = search->starts[at - 1];
	search->starts[at] = node;
}

static void choose_starts(struct cycle_search *search)
{
	search->start_count = 0;
	compute_shapes(search);
	for (uint32_t node = search->nodes.first; node < search->nodes.end; node++)
		if (search->walk.count[node])
			add_start(search, node);
}

/* Queues what the node leads to; true if that closes the cycle, by search->from[start]. */
static bool expand(struct cycle_search *search, uint32_t node, uint32_t start, uint32_t *queued)
{
	const struct cycle_steps *steps = search->steps;

	for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1]; s++) {
		uint32_t target = steps->steps[s].target;

		if (!is_step(search, &steps->steps[s]) || search->stamp[target] == start + 1)
			continue;
		search->stamp[target] = start + 1;
		search->from[target] = s;
		search->source[target] = node;
		if (target == start)
			return true;
		search->walk.queue[(*queued)++] = target;
	}
	return false;
}

/* The length of a shortest cycle through the start; 0 if there is none of at most `longest`. */
static uint32_t measure(struct cycle_search *search, uint32_t start, uint32_t longest)
{
	uint32_t length = 1, level_end = 1, queued = 1;

	search->walk.queue[0] = start;
	/* Nodes from i to level_end are length - 1 steps away from the start. */
	for (uint32_t i = 0; i < queued; i++) {
		if (i == level_end) {
			length++;
			level_end = queued;
		}
		if (length > longest)
			return 0;
		if (expand(search, search->walk.queue[i], start, &queued))
			return length;
	}
	return 0;
}

static void trace_back(struct cycle_search *search, uint32_t start, uint32_t length)
{
	uint32_t node = start;

	while (length-- > 0) {
		search->found[length] = search->steps->steps[search->from[node]].site;
		node = search->source[node];
	}
}

static void search_from(struct cycle_search *search, uint32_t start)
{
	uint32_t length = measure(search, start, search->length ? search->length : UINT32_MAX);

	if (!length)
		return;
	trace_back(search, start, length);
	take_found(search, length);
}

/* A node that is on a cycle itself, and not just behind one. */
static uint32_t node_on_cycle(struct cycle_search *search)
{
	const struct cycle_steps *steps = search->steps;
	uint32_t node = search->starts[0];

	for (uint32_t source = search->nodes.first; source < search->nodes.end; source++)
		for (uint32_t s = steps->first_step[source];
		     search->walk.count[source] && s < steps->first_step[source + 1]; s++)
			if (is_step(search, &steps->steps[s]))
				search->source[steps->steps[s].target] = source;
	/* Something led to every node that is left, so after as many steps back as there are
	 * nodes one has been passed twice, and those since are a cycle. */
	for (uint32_t i = search->nodes.first; i < search->nodes.end; i++)
		node = search->source[node];
	return node;
}

static void forget_stamps(struct cycle_search *search)
{
	memset(search->stamp + search->nodes.first, 0,
	       (search->nodes.end - search->nodes.first) * sizeof(*search->stamp));
}

static void find_longer(struct cycle_search *search)
{
	choose_starts(search);
	forget_stamps(search);
	for (uint32_t i = 0; i < search->start_count; i++)
		search_from(search, search->starts[i]);
	if (!search->length)
		search_from(search, node_on_cycle(search));
}

uint32_t cycle_search_shortest(struct cycle_search *search, struct node_range nodes,
			       const bool *skip, const uint32_t **ret_sites)
{
	search->skip = skip;
	search->nodes = nodes;
	search->length = 0;
	*ret_sites = search->best;
	if (!cycle_walk_trim(&search->walk, nodes, skip))
		return 0;
	find_loops(search);
	if (!search->length) {
		forget_stamps(search);
		find_pairs(search);
	}
	if (!search->length)
		find_longer(search);
	return search->length;
}
