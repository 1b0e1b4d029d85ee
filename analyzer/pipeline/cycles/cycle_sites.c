#include "pipeline/cycles/cycle_sites.h"

#include "pipeline/cycles.h"

#include <stdlib.h>

/* A place that some step has, on its way to its number. */
struct candidate {
	const char *text;
	uint32_t place;
	bool own;
};

/* The kind of the first label behind the owner; of a generator's frame, of that behind it. */
static enum label_kind first_kind(const struct cycle_places *places, uint32_t place)
{
	enum label_kind first = LABEL_MEMBER, second = LABEL_MEMBER;
	const struct cycle_place *at = cycle_places_get(places, place);

	for (; at->parent != CYCLE_PLACE_NONE; at = cycle_places_get(places, at->parent)) {
		second = first;
		first = cycle_places_label_kind(places, at->part.label);
	}
	return first == LABEL_FRAME_OF ? second : first;
}

static enum site_kind kind_of(const struct cycle_places *places, uint32_t place)
{
	switch (first_kind(places, place)) {
	case LABEL_ATTRIBUTE:
	case LABEL_DICT:
		return SITE_ATTRIBUTE;
	case LABEL_ITEM:
	case LABEL_KEY:
	case LABEL_VALUE:
		return SITE_ITEM;
	case LABEL_LOCAL:
		return SITE_VARIABLE;
	case LABEL_CLOSURE:
		return SITE_CLOSURE;
	case LABEL_ERROR:
		return SITE_ERROR;
	default:
		return SITE_FIXED;
	}
}

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : a->own - b->own;
}

static void note_places(const struct cycle_map *map, uint32_t reference_count, bool *used)
{
	const struct cycle_steps *steps = &map->steps;

	for (uint32_t s = 0; s < steps->first_step[steps->node_count]; s++)
		used[steps->steps[s].site] = true;
	for (uint32_t r = 0; map->site_of && r < reference_count; r++)
		if (map->site_of[r] != SITE_NONE)
			used[map->site_of[r]] = true;
}

/* Those that are used, by text; NULL when out of memory. */
static struct candidate *list_candidates(const struct cycle_places *places, const bool *used,
					 struct arena *arena, uint32_t *ret_count)
{
	struct candidate *candidates =
		malloc(((size_t)cycle_places_count(places) + 1) * sizeof(*candidates));
	uint32_t count = 0;

	for (uint32_t i = 0; candidates && i < cycle_places_count(places); i++) {
		if (!used[i])
			continue;
		candidates[count] = (struct candidate){cycle_places_text(places, i, arena), i,
						       cycle_places_get(places, i)->part.own};
		if (!candidates[count++].text) {
			free(candidates);
			return NULL;
		}
	}
	if (count)
		qsort(candidates, count, sizeof(*candidates), compare_candidates);
	*ret_count = count;
	return candidates;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && !strcmp(text + length - wanted, end);
}

static bool add_site(const struct cycle_places *places, const struct candidate *candidate,
		     struct arena *arena, struct cycle_map *map)
{
	struct site site = {
		.text = candidate->text,
		.short_text = cycle_places_short_text(places, candidate->place, arena),
		.kind = kind_of(places, candidate->place),
		.own = candidate->own,
		.is_bound = ends_with(candidate->text, ".__self__"),
	};

	map->sites[map->steps.site_count] = site;
	map->own[map->steps.site_count] = site.own;
	map->steps.site_hash[map->steps.site_count++] = fingerprint_of(site.text);
	return site.short_text;
}

static bool fill_sites(const struct cycle_places *places, const struct candidate *candidates,
		       uint32_t count, uint32_t *site_of_place, struct arena *arena,
		       struct cycle_map *map)
{
	for (uint32_t i = 0; i < count; i++) {
		if ((!i || compare_candidates(&candidates[i], &candidates[i - 1])) &&
		    !add_site(places, &candidates[i], arena, map))
			return false;
		site_of_place[candidates[i].place] = map->steps.site_count - 1;
	}
	return true;
}

static int compare_keys(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static bool are_sorted(const struct cycle_step *steps, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (steps[i].site < steps[i - 1].site)
			return false;
	return true;
}

/* By site; of the same site in the order they had, which is the object's own. */
static bool sort_steps(struct cycle_step *steps, uint32_t count)
{
	CLEANUP_FREE uint64_t *keys = NULL;
	CLEANUP_FREE struct cycle_step *copy = NULL;

	if (are_sorted(steps, count))
		return true;
	keys = malloc(count * sizeof(*keys));
	copy = malloc(count * sizeof(*copy));
	if (!keys || !copy)
		return false;
	memcpy(copy, steps, count * sizeof(*copy));
	for (uint32_t i = 0; i < count; i++)
		keys[i] = (uint64_t)steps[i].site << 32 | i;
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (uint32_t i = 0; i < count; i++)
		steps[i] = copy[(uint32_t)keys[i]];
	return true;
}

static bool renumber(struct cycle_map *map, uint32_t reference_count,
		     const uint32_t *site_of_place)
{
	struct cycle_steps *steps = &map->steps;

	for (uint32_t s = 0; s < steps->first_step[steps->node_count]; s++)
		steps->steps[s].site = site_of_place[steps->steps[s].site];
	for (uint32_t r = 0; map->site_of && r < reference_count; r++)
		if (map->site_of[r] != SITE_NONE)
			map->site_of[r] = site_of_place[map->site_of[r]];
	for (uint32_t node = 0; node < steps->node_count; node++)
		if (!sort_steps(steps->steps + steps->first_step[node],
				steps->first_step[node + 1] - steps->first_step[node]))
			return false;
	return true;
}

bool cycle_sites_number(const struct cycle_places *places, uint32_t reference_count,
			struct arena *arena, struct cycle_map *map)
{
	size_t room = (size_t)cycle_places_count(places) + 1;
	CLEANUP_FREE bool *used = calloc(room, sizeof(*used));
	CLEANUP_FREE uint32_t *site_of_place = malloc(room * sizeof(*site_of_place));
	CLEANUP_FREE struct candidate *candidates = NULL;
	uint32_t count = 0;

	map->sites = malloc(room * sizeof(*map->sites));
	map->own = malloc(room * sizeof(*map->own));
	map->steps.site_hash = malloc(room * sizeof(*map->steps.site_hash));
	if (!used || !site_of_place || !map->sites || !map->own || !map->steps.site_hash)
		return false;
	note_places(map, reference_count, used);
	candidates = list_candidates(places, used, arena, &count);
	if (!candidates)
		return false;
	return fill_sites(places, candidates, count, site_of_place, arena, map) &&
	       renumber(map, reference_count, site_of_place);
}
