#include "pipeline/cycles/cycle_trials.h"

#include <stdlib.h>

struct trials {
	const struct snapshot *snapshot;
	const struct cycle_map *map;
	const struct cycle_groups *groups;
	struct cycle_walk walk;
	struct release *release; /* NULL: there is no garbage */
	bool *skip;              /* by site: those of the language, and what is tried */
	bool *gone;              /* by site: what is tried */
	uint32_t *scope_of;      /* by object: its group; NULL: there is no garbage */
	uint32_t *first;         /* by site: of its references in `references` */
	uint32_t *references;    /* of garbage, by site */
};

void trials_free(struct trials *trials)
{
	if (!trials)
		return;
	cycle_walk_release(&trials->walk);
	release_free(trials->release);
	free(trials->skip);
	free(trials->gone);
	free(trials->scope_of);
	free(trials->first);
	free(trials->references);
	free(trials);
}

static bool index_references(struct trials *trials)
{
	uint32_t sites = trials->map->steps.site_count;
	uint32_t count = trials->snapshot->graph->reference_count, total = 0;
	const uint32_t *site_of = trials->map->site_of;

	trials->first = calloc((size_t)sites + 2, sizeof(*trials->first));
	if (!trials->first)
		return false;
	for (uint32_t r = 0; site_of && r < count; r++)
		if (site_of[r] != SITE_NONE) {
			trials->first[site_of[r] + 2]++;
			total++;
		}
	trials->references = malloc(((size_t)total + 1) * sizeof(*trials->references));
	if (!trials->references)
		return false;
	for (uint32_t i = 2; i <= sites; i++)
		trials->first[i] += trials->first[i - 1];
	/* first[i + 1] is where the next reference of site i goes; in the end, where they end. */
	for (uint32_t r = 0; site_of && r < count; r++)
		if (site_of[r] != SITE_NONE)
			trials->references[trials->first[site_of[r] + 1]++] = r;
	return true;
}

static bool find_scopes(struct trials *trials)
{
	uint32_t objects = trials->snapshot->graph->object_count;

	trials->scope_of = malloc(((size_t)objects + 1) * sizeof(*trials->scope_of));
	for (uint32_t i = 0; trials->scope_of && i < objects; i++) {
		uint32_t part = trials->map->part_of[i];

		trials->scope_of[i] =
			part == OBJECT_NONE ? OBJECT_NONE : trials->groups->group_of[part];
	}
	return trials->scope_of;
}

static bool init(struct trials *trials, struct error *err)
{
	size_t room = (size_t)trials->map->steps.site_count + 1;

	trials->skip = malloc(room * sizeof(*trials->skip));
	trials->gone = calloc(room, sizeof(*trials->gone));
	if (!trials->skip || !trials->gone ||
	    !cycle_walk_init(&trials->walk, &trials->map->steps) || !index_references(trials))
		return error_out_of_memory(err, "looking for what breaks cycles");
	memcpy(trials->skip, trials->map->own, (room - 1) * sizeof(*trials->skip));
	if (!trials->map->site_of)
		return true;
	if (!find_scopes(trials))
		return error_out_of_memory(err, "looking for what breaks cycles");
	trials->release =
		release_create(trials->snapshot->graph, &trials->snapshot->reachability, err);
	return trials->release;
}

struct trials *trials_create(const struct snapshot *snapshot, const struct cycle_map *map,
			     const struct cycle_groups *groups, struct error *err)
{
	struct trials *trials = calloc(1, sizeof(*trials));

	if (!trials) {
		error_out_of_memory(err, "looking for what breaks cycles");
		return NULL;
	}
	trials->snapshot = snapshot;
	trials->map = map;
	trials->groups = groups;
	if (init(trials, err))
		return trials;
	trials_free(trials);
	return NULL;
}

static void set_gone(struct trials *trials, const struct trial *trial, bool gone)
{
	for (uint32_t i = 0; i < trial->count; i++) {
		uint32_t site = trial->sites[i];

		trials->gone[site] = gone;
		trials->skip[site] = gone || trials->map->own[site];
	}
}

/* Of the group's cycles, those that are none without what is gone. */
static uint64_t count_broken(struct trials *trials, uint32_t group)
{
	const struct cycle_groups *groups = trials->groups;
	uint64_t broken = 0;

	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++)
		broken += !cycle_walk_trim(
			&trials->walk, cycle_part_nodes(&trials->map->steps, groups->parts[i]),
			trials->skip);
	return broken;
}

static bool is_garbage(const struct trials *trials, uint32_t group)
{
	return trials->snapshot->cycle_patterns.items[group].state == STATE_GARBAGE;
}

static uint64_t count_all_broken(struct trials *trials)
{
	uint64_t broken = 0;

	for (uint32_t g = 0; g < trials->groups->count; g++)
		if (is_garbage(trials, g) &&
		    trials->snapshot->cycle_patterns.items[g].kind == CYCLE_PROGRAM)
			broken += count_broken(trials, g);
	return broken;
}

/* All that the dump has of the sites. */
static void take_all(struct trials *trials, const struct trial *trial)
{
	for (uint32_t i = 0; i < trial->count; i++)
		for (uint32_t j = trials->first[trial->sites[i]];
		     j < trials->first[trial->sites[i] + 1]; j++)
			release_take_reference(trials->release, trials->references[j]);
}

/* Those of the group's objects. */
static void take_group(struct trials *trials, uint32_t group)
{
	const struct cycle_groups *groups = trials->groups;
	const struct cycle_map *map = trials->map;
	const struct graph *graph = trials->snapshot->graph;

	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++) {
		uint32_t part = groups->parts[i];

		for (uint32_t o = map->first_object[part]; o < map->first_object[part + 1];
		     o++) {
			uint32_t object = map->objects[o];

			for (uint32_t r = graph->first_reference[object];
			     r < graph->first_reference[object + 1]; r++)
				if (map->site_of[r] != SITE_NONE &&
				    trials->gone[map->site_of[r]])
					release_take_reference(trials->release, r);
		}
	}
}

static bool free_without(struct trials *trials, uint32_t group, struct trial *trial,
			 struct error *err)
{
	struct release_gone gone = {.site_of = trials->map->site_of, .gone = trials->gone};
	struct release_sum sum;

	if (group != OBJECT_NONE) {
		gone.scope_of = trials->scope_of;
		gone.scope = group;
	}
	release_begin(trials->release, &gone);
	if (group == OBJECT_NONE)
		take_all(trials, trial);
	else
		take_group(trials, group);
	if (!release_end(trials->release, &sum, err))
		return false;
	trial->edge.objects = sum.objects;
	trial->edge.bytes = sum.bytes;
	return true;
}

bool trials_run(struct trials *trials, uint32_t group, struct trial *trial, struct error *err)
{
	bool done = true;

	set_gone(trials, trial, true);
	trial->edge.pattern = group;
	trial->edge.cycles =
		group == OBJECT_NONE ? count_all_broken(trials) : count_broken(trials, group);
	if (group == OBJECT_NONE || is_garbage(trials, group))
		done = free_without(trials, group, trial, err);
	set_gone(trials, trial, false);
	return done;
}

uint32_t trials_references(const struct trials *trials, uint32_t site)
{
	return trials->first[site + 1] - trials->first[site];
}

bool trials_collect(struct trials *trials, uint32_t group, struct release_sum *ret,
		    struct error *err)
{
	const struct cycle_groups *groups = trials->groups;
	const struct cycle_map *map = trials->map;

	release_begin(trials->release, NULL);
	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++) {
		uint32_t part = groups->parts[i];

		for (uint32_t o = map->first_object[part]; o < map->first_object[part + 1]; o++)
			release_take_object(trials->release, map->objects[o]);
	}
	return release_end(trials->release, ret, err);
}
