/*
 * Which way a site leads is told by three things.  Of live cycles, the owner is what a root
 * leads to first.  Where many refer to one, that one is the owner.  And people call a
 * reference to an owner `parent`, or something like it.
 */
#include "pipeline/cycles/cycle_candidates.h"

#include <ctype.h>
#include <stdlib.h>

/* What the signs count: a live cycle says more than a name, and that more than numbers. */
enum { BY_DISTANCE = 8, BY_NAME = 4, BY_NUMBERS = 2, BY_KIND = 4, ERROR_SITE = 16 };

struct candidates {
	const struct snapshot *snapshot;
	const struct cycle_map *map;
	uint32_t *stamp;          /* by site: the part that it was last seen in, + 1 */
	uint32_t *cycles, *seen;  /* by site: parts with it; steps */
	uint32_t *nodes, *target; /* by site: nodes with a step of it; by node: stamp */
	uint32_t *back, *away;    /* by site: live steps to what is nearer to a root; further */
	uint32_t *sites;          /* of the group: site_count of them */
	uint32_t count, stamps;
};

void candidates_free(struct candidates *candidates)
{
	if (!candidates)
		return;
	free(candidates->stamp);
	free(candidates->cycles);
	free(candidates->seen);
	free(candidates->nodes);
	free(candidates->target);
	free(candidates->back);
	free(candidates->away);
	free(candidates->sites);
	free(candidates);
}

/* Over all live components: distances of what is not live say nothing. */
static void count_directions(struct candidates *candidates)
{
	const struct cycle_steps *steps = &candidates->map->steps;
	const uint32_t *distance = candidates->snapshot->reachability.distance;

	for (uint32_t node = 0; node < steps->node_count; node++) {
		uint32_t from = distance[steps->object[node]];

		if (from == UINT32_MAX)
			continue;
		for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1];
		     s++) {
			uint32_t to = distance[steps->object[steps->steps[s].target]];

			candidates->back[steps->steps[s].site] += to < from;
			candidates->away[steps->steps[s].site] += to > from;
		}
	}
}

struct candidates *candidates_create(const struct snapshot *snapshot,
				     const struct cycle_map *map)
{
	struct candidates *candidates = calloc(1, sizeof(*candidates));
	size_t sites = (size_t)map->steps.site_count + 1;

	if (!candidates)
		return NULL;
	*candidates = (struct candidates){
		.snapshot = snapshot,
		.map = map,
		.stamp = calloc(sites, sizeof(uint32_t)),
		.cycles = calloc(sites, sizeof(uint32_t)),
		.seen = calloc(sites, sizeof(uint32_t)),
		.nodes = calloc(sites, sizeof(uint32_t)),
		.target = calloc((size_t)map->steps.node_count + 1, sizeof(uint32_t)),
		.back = calloc(sites, sizeof(uint32_t)),
		.away = calloc(sites, sizeof(uint32_t)),
		.sites = malloc(sites * sizeof(uint32_t)),
	};
	if (!candidates->stamp || !candidates->cycles || !candidates->seen ||
	    !candidates->nodes || !candidates->target || !candidates->back ||
	    !candidates->away || !candidates->sites) {
		candidates_free(candidates);
		return NULL;
	}
	count_directions(candidates);
	return candidates;
}

static bool is_breakable(const struct site *site)
{
	return site->kind != SITE_FIXED && !site->own;
}

static void count_step(struct candidates *candidates, uint32_t part, uint32_t site,
		       bool is_first_of_node)
{
	if (!candidates->seen[site])
		candidates->sites[candidates->count++] = site;
	candidates->seen[site]++;
	candidates->nodes[site] += is_first_of_node;
	if (candidates->stamp[site] != part + 1) {
		candidates->stamp[site] = part + 1;
		candidates->cycles[site]++;
	}
}

/* Steps of a node are by site. */
static void count_part(struct candidates *candidates, uint32_t part)
{
	const struct cycle_steps *steps = &candidates->map->steps;
	struct node_range nodes = cycle_part_nodes(steps, part);

	for (uint32_t node = nodes.first; node < nodes.end; node++) {
		uint32_t last = SITE_NONE;

		for (uint32_t s = steps->first_step[node]; s < steps->first_step[node + 1];
		     s++) {
			uint32_t site = steps->steps[s].site;

			if (!node_is_in(nodes, steps->steps[s].target) ||
			    !is_breakable(&candidates->map->sites[site]))
				continue;
			count_step(candidates, part, site, site != last);
			last = site;
		}
	}
}

static void forget_counts(struct candidates *candidates)
{
	for (uint32_t i = 0; i < candidates->count; i++) {
		uint32_t site = candidates->sites[i];

		candidates->seen[site] = candidates->cycles[site] = 0;
		candidates->nodes[site] = candidates->stamp[site] = 0;
	}
	candidates->count = 0;
}

/* How many nodes the site's steps lead to. */
static uint32_t count_targets(struct candidates *candidates, const struct cycle_groups *groups,
			      uint32_t group, uint32_t site)
{
	const struct cycle_steps *steps = &candidates->map->steps;
	uint32_t stamp = ++candidates->stamps, targets = 0;

	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++) {
		struct node_range nodes = cycle_part_nodes(steps, groups->parts[i]);

		for (uint32_t s = steps->first_step[nodes.first];
		     s < steps->first_step[nodes.end]; s++) {
			uint32_t *seen = &candidates->target[steps->steps[s].target];

			if (steps->steps[s].site != site || *seen == stamp ||
			    !node_is_in(nodes, steps->steps[s].target))
				continue;
			*seen = stamp;
			targets++;
		}
	}
	return targets;
}

/* Its last name, without the underscores of private ones. */
static bool is_called_back(const char *site)
{
	static const char *const words[] = {"parent", "owner", "prev", "previous", "back",
					    "root",   "up",    "host", "outer",    "container"};
	const char *last = strrchr(site, '.');
	const char *quote = strrchr(site, '\'');
	size_t length;

	if (quote && quote > site && (!last || last < quote)) {
		for (last = quote - 1; last > site && *last != '\'';)
			last--;
	}
	if (!last)
		return false;
	last += 1 + strspn(last + 1, "_");
	length = strcspn(last, "[]' .");
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		size_t word = strlen(words[i]);

		if (length == word && !strncasecmp(last, words[i], word))
			return true;
		if (length > word && last[length - word - 1] == '_' &&
		    !strncasecmp(last + length - word, words[i], word))
			return true;
	}
	return false;
}

/* 1 or -1 where nearly all say the same. */
static int majority(uint64_t one, uint64_t other)
{
	if (one > 9 * other)
		return 1;
	return other > 9 * one ? -1 : 0;
}

static int direction_of(const struct candidates *candidates, uint32_t site, uint32_t targets)
{
	int by_distance = majority(candidates->back[site], candidates->away[site]);
	int by_numbers = (candidates->seen[site] > targets) -
			 (candidates->seen[site] > candidates->nodes[site]);

	return BY_DISTANCE * by_distance +
	       BY_NAME * is_called_back(candidates->map->sites[site].text) +
	       BY_NUMBERS * by_numbers;
}

/*
 * What an exception keeps by itself is only given up where no variable of the program's is; and
 * what is no instance of the program's classes is rather a part of its owner.
 */
static int preference_of(const struct candidate_site *candidate, const struct site *site)
{
	return candidate->direction - (site->kind == SITE_ERROR ? ERROR_SITE : 0) -
	       (site->is_plain ? BY_KIND : 0);
}

/* In more of the cycles first, then with more references, then by text. */
static bool is_before(const struct candidates *candidates, uint32_t left, uint32_t right)
{
	if (candidates->cycles[left] != candidates->cycles[right])
		return candidates->cycles[left] > candidates->cycles[right];
	if (candidates->seen[left] != candidates->seen[right])
		return candidates->seen[left] > candidates->seen[right];
	return left < right;
}

/* Moves the best to the front; the rest stays as it is. */
static uint32_t select_best(struct candidates *candidates)
{
	uint32_t *sites = candidates->sites, best = 0;

	for (; best < MOST_CANDIDATES && best < candidates->count; best++)
		for (uint32_t i = best + 1; i < candidates->count; i++)
			if (is_before(candidates, sites[i], sites[best])) {
				uint32_t swap = sites[i];

				sites[i] = sites[best];
				sites[best] = swap;
			}
	return best;
}

uint32_t candidates_find(struct candidates *candidates, const struct cycle_groups *groups,
			 uint32_t group, struct candidate_site *ret)
{
	uint32_t count;

	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++)
		count_part(candidates, groups->parts[i]);
	count = select_best(candidates);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t site = candidates->sites[i];
		uint32_t targets = count_targets(candidates, groups, group, site);

		ret[i] = (struct candidate_site){
			.site = site,
			.cycles = candidates->cycles[site],
			.references = candidates->seen[site],
			.direction = direction_of(candidates, site, targets),
		};
		ret[i].preference = preference_of(&ret[i], &candidates->map->sites[site]);
	}
	forget_counts(candidates);
	return count;
}
