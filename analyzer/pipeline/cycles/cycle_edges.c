#include "pipeline/cycles/cycle_edges.h"

#include "pipeline/cycles/cycle_advice.h"
#include "pipeline/cycles/cycle_trials.h"

#include <stdlib.h>

/* Of what the best one frees, so much is as good: then it counts which way it leads. */
#define GOOD_ENOUGH   0.95
#define MOST_TOGETHER 3 /* references that anybody would change for one kind of cycle */

struct finder {
	struct arena *arena;
	struct snapshot *snapshot;
	const struct cycle_map *map;
	const struct cycle_groups *groups;
	struct candidates *candidates;
	struct trials *trials;
};

/* What was tried for one pattern; the last may be several sites together. */
struct tried {
	struct trial items[MOST_CANDIDATES + 1];
	uint32_t count;
	struct trial *best; /* NULL: none does anything */
};

static struct snapshot_cycle_pattern *pattern_of(const struct finder *finder, uint32_t group)
{
	return &finder->snapshot->cycle_patterns.items[group];
}

static bool is_garbage(const struct finder *finder, uint32_t group)
{
	return group == OBJECT_NONE || pattern_of(finder, group)->state == STATE_GARBAGE;
}

/*
 * Of garbage what is freed, of others what are cycles no more.  What breaks no cycle may free
 * something that hangs on one, and is no answer.
 */
static uint64_t worth(const struct finder *finder, uint32_t group, const struct trial *trial)
{
	if (!trial->edge.cycles)
		return 0;
	return is_garbage(finder, group) ? trial->edge.bytes : trial->edge.cycles;
}

/* Of those that do nearly as much as any, the one that is preferred. */
static void choose(const struct finder *finder, uint32_t group, struct tried *tried)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < tried->count; i++)
		if (worth(finder, group, &tried->items[i]) > most)
			most = worth(finder, group, &tried->items[i]);
	for (uint32_t i = 0; most && i < tried->count; i++) {
		struct trial *trial = &tried->items[i];

		if ((double)worth(finder, group, trial) >= (double)most * GOOD_ENOUGH &&
		    (!tried->best || trial->preference > tried->best->preference))
			tried->best = trial;
	}
}

static bool try_each(struct finder *finder, uint32_t group, struct tried *tried,
		     struct error *err)
{
	struct candidate_site sites[MOST_CANDIDATES];
	uint32_t count = candidates_find(finder->candidates, finder->groups, group, sites);

	for (uint32_t i = 0; i < count; i++) {
		struct trial *trial = &tried->items[tried->count++];

		*trial = (struct trial){
			.sites = {sites[i].site},
			.count = 1,
			.edge = {.text = finder->map->sites[sites[i].site].text,
				 .references = sites[i].references,
				 .direction = sites[i].direction},
			.preference = sites[i].preference,
		};
		if (!trials_run(finder->trials, group, trial, err))
			return false;
	}
	return true;
}

static struct trial without(const struct trial *trial, uint32_t place)
{
	struct trial fewer = *trial;

	fewer.count--;
	for (uint32_t i = place; i < fewer.count; i++)
		fewer.sites[i] = fewer.sites[i + 1];
	return fewer;
}

/* All together, and then without each that is not needed: the ones to keep go first. */
static bool try_together(struct finder *finder, uint32_t group, const struct tried *tried,
			 struct trial *ret, struct error *err)
{
	uint64_t most;

	*ret = (struct trial){.count = tried->count};
	for (uint32_t i = 0; i < tried->count; i++)
		ret->sites[i] = tried->items[i].sites[0];
	if (!trials_run(finder->trials, group, ret, err))
		return false;
	most = worth(finder, group, ret);
	for (uint32_t i = tried->count; most && i-- > 0;) {
		struct trial fewer = without(ret, i);

		if (!trials_run(finder->trials, group, &fewer, err))
			return false;
		if (worth(finder, group, &fewer) == most)
			*ret = fewer;
	}
	return true;
}

/* "app.A.x and app.A.y", and how many references those are. */
static bool describe_together(struct finder *finder, const struct tried *tried,
			      struct trial *together)
{
	const char *text = NULL;

	for (uint32_t i = 0; i < together->count; i++) {
		const char *site = finder->map->sites[together->sites[i]].text;

		text = text ? arena_format(finder->arena, "%s and %s", text, site) : site;
		if (!text)
			return false;
		for (uint32_t j = 0; j < tried->count; j++)
			if (tried->items[j].sites[0] == together->sites[i])
				together->edge.references += tried->items[j].edge.references;
	}
	together->edge.text = text;
	return true;
}

/* Where the best one leaves cycles, several may free more. */
static bool try_more(struct finder *finder, uint32_t group, struct tried *tried,
		     struct error *err)
{
	struct trial *together = &tried->items[tried->count];
	const struct trial *best = tried->best;

	if (!is_garbage(finder, group) || tried->count < 2 ||
	    (best && best->edge.cycles == pattern_of(finder, group)->cycles))
		return true;
	if (!try_together(finder, group, tried, together, err))
		return false;
	if (together->count > MOST_TOGETHER || !worth(finder, group, together) ||
	    (best && (double)best->edge.bytes >= (double)together->edge.bytes * GOOD_ENOUGH))
		return true;
	if (!describe_together(finder, tried, together))
		return error_out_of_memory(err, "looking for what breaks cycles");
	tried->best = together;
	tried->count++;
	return true;
}

static bool add_edges(struct finder *finder, const struct tried *tried)
{
	for (uint32_t i = 0; i < tried->count; i++) {
		struct snapshot_cycle_edge edge = tried->items[i].edge;

		edge.chosen = &tried->items[i] == tried->best;
		if (!vector_push(&finder->snapshot->cycle_edges, edge))
			return false;
	}
	return true;
}

static bool advise(struct finder *finder, uint32_t group, const struct trial *best)
{
	const struct site *sites[MOST_CANDIDATES];
	uint32_t count = best ? best->count : 0;

	for (uint32_t i = 0; i < count; i++)
		sites[i] = &finder->map->sites[best->sites[i]];
	return cycle_advice_write(finder->arena, sites, count, pattern_of(finder, group));
}

static bool find_for_group(struct finder *finder, uint32_t group, struct tried *tried,
			   struct error *err)
{
	struct snapshot_cycle_pattern *pattern = pattern_of(finder, group);
	uint32_t first = (uint32_t)finder->snapshot->cycle_edges.count;

	tried->count = 0;
	tried->best = NULL;
	if (pattern->kind == CYCLE_PROGRAM) {
		if (!try_each(finder, group, tried, err))
			return false;
		choose(finder, group, tried);
		if (!try_more(finder, group, tried, err))
			return false;
	}
	if (tried->best)
		pattern->edge = first + (uint32_t)(tried->best - tried->items);
	return (add_edges(finder, tried) && advise(finder, group, tried->best)) ||
	       error_out_of_memory(err, "looking for what breaks cycles");
}

static bool find_held(struct finder *finder, uint32_t group, struct error *err)
{
	struct snapshot_cycle_pattern *pattern = pattern_of(finder, group);
	struct release_sum sum;

	if (!is_garbage(finder, group))
		return true;
	if (!trials_collect(finder->trials, group, &sum, err))
		return false;
	pattern->held_objects = sum.objects;
	pattern->held_bytes = sum.bytes;
	return true;
}

static bool is_listed(const struct tried *tried, uint32_t site)
{
	for (uint32_t i = 0; i < tried->count; i++)
		if (tried->items[i].sites[0] == site)
			return true;
	return false;
}

/* Notes the pattern's best single site, to be tried on all garbage. */
static void list_best(const struct tried *tried, struct tried *all)
{
	if (tried->best && tried->best->count == 1 && all->count < MOST_CANDIDATES &&
	    !is_listed(all, tried->best->sites[0]))
		all->items[all->count++] = *tried->best;
}

static bool find_for_all(struct finder *finder, struct tried *all, struct error *err)
{
	for (uint32_t i = 0; i < all->count; i++) {
		struct trial *trial = &all->items[i];

		trial->preference = 0;
		trial->edge.references = trials_references(finder->trials, trial->sites[0]);
		if (!trials_run(finder->trials, OBJECT_NONE, trial, err))
			return false;
	}
	choose(finder, OBJECT_NONE, all);
	return add_edges(finder, all) ||
	       error_out_of_memory(err, "looking for what breaks cycles");
}

static bool find_all(struct finder *finder, struct error *err)
{
	struct tried tried, all = {.count = 0};

	for (uint32_t g = 0; g < finder->groups->count; g++) {
		if (!find_held(finder, g, err) || !find_for_group(finder, g, &tried, err))
			return false;
		if (is_garbage(finder, g))
			list_best(&tried, &all);
	}
	return find_for_all(finder, &all, err);
}

bool cycle_edges_find(const struct collection *collection, struct snapshot *snapshot,
		      const struct cycle_map *map, const struct cycle_groups *groups,
		      struct error *err)
{
	struct finder finder = {.arena = collection->arena,
				.snapshot = snapshot,
				.map = map,
				.groups = groups,
				.candidates = candidates_create(snapshot, map),
				.trials = trials_create(snapshot, map, groups, err)};
	bool done = finder.trials && finder.candidates && find_all(&finder, err);

	if (!finder.candidates)
		error_out_of_memory(err, "looking for what breaks cycles");
	candidates_free(finder.candidates);
	trials_free(finder.trials);
	return done;
}
