#include "pipeline/pins.h"

#include "pipeline/freeing.h"
#include "pipeline/paths.h"
#include "pipeline/pin_groups.h"

#include "base/search.h"

#include <stdlib.h>

#define MOST_PINS  10000u /* rows */
#define MOST_LEAKS 16u    /* fingerprints that are simulated */

struct finder {
	const struct collection *collection;
	struct snapshot *snapshot;
	struct dominator_tree tree;
	struct sparse_list sparse;
	struct pin_groups groups;
	struct freeing *freeing;
	uint32_t *release_of; /* [groups] index of the release, once they are sorted */
};

static void free_all_of_state(const struct finder *finder, enum object_state state)
{
	const struct snapshot *snapshot = finder->snapshot;

	for (uint32_t i = 0; i < snapshot->graph->object_count; i++)
		if (snapshot->reachability.state[i] == state &&
		    snapshot->dominators.dominator[i] == OBJECT_NONE)
			freeing_object(finder->freeing, i);
}

static void free_free_lists(const struct finder *finder)
{
	const struct snapshot *snapshot = finder->snapshot;

	for (size_t i = 0; i < snapshot->blocks.count; i++) {
		const struct snapshot_block *block = &snapshot->blocks.items[i];

		if (block->state == BLOCK_CACHED && block->owner == OBJECT_NONE &&
		    collection_used_block_at(finder->collection, block->address))
			freeing_row(finder->freeing, (uint32_t)i);
	}
}

static void free_objects(const struct finder *finder, const uint32_t *objects, size_t count)
{
	for (size_t i = 0; i < count; i++)
		freeing_object(finder->freeing, objects[i]);
}

/* A live suspect has references that are known: it stays alive when the others are mended. */
static void free_leaks(const struct finder *finder, uint64_t fingerprint)
{
	const struct snapshot *snapshot = finder->snapshot;

	vector_each (&snapshot->leaks, leak) {
		if (leak->fingerprint != fingerprint)
			continue;
		if (leak->object != OBJECT_NONE &&
		    snapshot->reachability.state[leak->object] != STATE_LIVE)
			freeing_object(finder->freeing, leak->object);
		if (leak->block != OBJECT_NONE)
			freeing_row(finder->freeing, leak->block);
	}
}

static void free_group(const struct finder *finder, const struct pin_group *group)
{
	switch (group->release.kind) {
	case RELEASE_HOLDER:
		freeing_contents(finder->freeing, group->release.object);
		break;
	case RELEASE_PINS:
		free_objects(finder, group->objects.items, group->objects.count);
		break;
	case RELEASE_GARBAGE:
		free_all_of_state(finder, STATE_GARBAGE);
		break;
	case RELEASE_LEAKED:
		free_all_of_state(finder, STATE_LEAKED);
		break;
	case RELEASE_FREE_LISTS:
		free_free_lists(finder);
		break;
	case RELEASE_LEAK:
	case RELEASE_KINDS:
		break;
	}
}

static void take_result(const struct finder *finder, struct snapshot_release *release)
{
	struct given_back result = freeing_result(finder->freeing);

	release->blocks = result.freed_blocks;
	release->bytes = result.freed_bytes;
	release->returned_arenas = result.arenas;
	release->returned = result.bytes;
}

static void simulate_group(struct finder *finder, struct pin_group *group)
{
	freeing_begin(finder->freeing);
	free_group(finder, group);
	take_result(finder, &group->release);
	group->release.type = group->release.typed ? group->type : "";
	if (group->release.object != OBJECT_NONE)
		group->release.path =
			paths_text(finder->collection, finder->snapshot, group->release.object);
}

/* What would be given back first, then what holds most arenas. */
static int compare_releases(const void *left, const void *right)
{
	const struct snapshot_release *a = left, *b = right;

	if (a->returned != b->returned)
		return a->returned > b->returned ? -1 : 1;
	if (a->arena_bytes != b->arena_bytes)
		return a->arena_bytes > b->arena_bytes ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

static const struct pin_group *group_of(const struct finder *finder,
					const struct snapshot_release *release)
{
	for (uint32_t i = 0; i < finder->groups.simulated; i++) {
		const struct pin_group *group = &finder->groups.groups.items[i];

		if (group->release.kind == release->kind &&
		    group->release.object == release->object)
			return group;
	}
	return NULL;
}

static void number_groups(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->snapshot->releases.count; i++) {
		const struct pin_group *group =
			group_of(finder, &finder->snapshot->releases.items[i]);

		if (group)
			finder->release_of[group - finder->groups.groups.items] = i;
	}
}

/* What several hold together goes when all of them let go. */
static void simulate_together(struct finder *finder)
{
	freeing_begin(finder->freeing);
	vector_each (&finder->snapshot->releases, release) {
		if (!release_has_holder(release->kind))
			continue;
		free_group(finder, group_of(finder, release));
		release->together = freeing_result(finder->freeing).bytes;
	}
}

/* Pins may be held by something of which no block would be freed: its count is wrong, say. */
static void add_release(struct finder *finder, const struct snapshot_release *release)
{
	if (release->blocks || release->pins)
		vector_push(&finder->snapshot->releases, *release);
}

static void add_group(struct finder *finder, struct pin_group *group)
{
	simulate_group(finder, group);
	add_release(finder, &group->release);
}

/* Garbage and free lists pin nothing, perhaps, and yet would give memory back. */
static void add_states(struct finder *finder)
{
	static const enum release_kind kinds[] = {RELEASE_GARBAGE, RELEASE_LEAKED,
						  RELEASE_FREE_LISTS};

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct pin_group group = {.release = {.kind = kinds[i], .object = OBJECT_NONE}};

		if (finder->groups.of_state[kinds[i]] < finder->groups.simulated)
			continue;
		simulate_group(finder, &group);
		add_release(finder, &group.release);
	}
}

struct leak_sum {
	uint64_t fingerprint, bytes;
};

static int by_fingerprint(const void *left, const void *right)
{
	const struct leak_sum *a = left, *b = right;

	return a->fingerprint < b->fingerprint ? -1 : a->fingerprint > b->fingerprint;
}

static int by_bytes(const void *left, const void *right)
{
	const struct leak_sum *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return by_fingerprint(left, right);
}

/* How many fingerprints; sums has one for each leak. */
static size_t sum_leaks(const struct snapshot *snapshot, struct leak_sum *sums)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->leaks.count; i++)
		sums[i] = (struct leak_sum){snapshot->leaks.items[i].fingerprint,
					    snapshot->leaks.items[i].bytes};
	qsort(sums, snapshot->leaks.count, sizeof(*sums), by_fingerprint);
	for (size_t i = 0; i < snapshot->leaks.count; i++) {
		if (count && sums[count - 1].fingerprint == sums[i].fingerprint)
			sums[count - 1].bytes += sums[i].bytes;
		else
			sums[count++] = sums[i];
	}
	qsort(sums, count, sizeof(*sums), by_bytes);
	return count;
}

static bool add_leaks(struct finder *finder)
{
	struct snapshot *snapshot = finder->snapshot;
	CLEANUP_FREE struct leak_sum *sums =
		malloc((snapshot->leaks.count + 1) * sizeof(*sums));
	size_t count = sums ? sum_leaks(snapshot, sums) : 0;

	for (size_t i = 0; i < count && i < MOST_LEAKS; i++) {
		struct snapshot_release release = {.kind = RELEASE_LEAK,
						   .object = OBJECT_NONE,
						   .fingerprint = sums[i].fingerprint};

		freeing_begin(finder->freeing);
		free_leaks(finder, sums[i].fingerprint);
		take_result(finder, &release);
		add_release(finder, &release);
	}
	return sums;
}

/* The C library's arenas have none. */
static uint32_t pool_at(const struct collection *collection, addr_t address)
{
	const struct collected_pool *pools = collection->pools.items;
	size_t below =
		count_leading(collection->pools.count, i, pools[i].report.address <= address);

	return below && address - pools[below - 1].report.address < pools[below - 1].report.size
		       ? (uint32_t)(below - 1)
		       : OBJECT_NONE;
}

static void add_row(void *context, const struct pin *pin)
{
	const struct finder *finder = context;
	struct snapshot *snapshot = finder->snapshot;
	uint32_t group = pin_group_of(&finder->groups, pin);
	struct snapshot_pin row = {
		.arena = pin->arena->arena,
		.object = pin->object,
		.block = pin->row,
		.size = pin->size,
		.release = group == GROUP_NONE ? OBJECT_NONE : finder->release_of[group],
	};

	if (snapshot->pins.count == MOST_PINS)
		return;
	row.pool =
		pool_at(finder->collection, pin->object != OBJECT_NONE
						    ? snapshot->graph->address[pin->object]
						    : snapshot->blocks.items[pin->row].address);
	if (pin->owner != OBJECT_NONE)
		row.path = paths_text(finder->collection, snapshot, pin->owner);
	vector_push(&snapshot->pins, row);
}

static bool add_releases(struct finder *finder)
{
	struct snapshot *snapshot = finder->snapshot;

	for (uint32_t i = 0; i < finder->groups.simulated; i++)
		add_group(finder, &finder->groups.groups.items[i]);
	add_states(finder);
	if (!add_leaks(finder))
		return false;
	if (snapshot->releases.count)
		qsort(snapshot->releases.items, snapshot->releases.count,
		      sizeof(*snapshot->releases.items), compare_releases);
	finder->release_of =
		malloc(((size_t)finder->groups.simulated + 1) * sizeof(*finder->release_of));
	if (!finder->release_of)
		return false;
	number_groups(finder);
	simulate_together(finder);
	return freeing_is_whole(finder->freeing);
}

static bool find(struct finder *finder, struct error *err)
{
	struct snapshot *snapshot = finder->snapshot;

	if (!dominator_tree_build(snapshot->graph, &snapshot->dominators, &finder->tree, err) ||
	    !sparse_find(finder->collection, snapshot, &finder->sparse, err) ||
	    !pin_groups_find(&finder->sparse, &finder->tree, &finder->groups, err))
		return false;
	finder->freeing = freeing_create(finder->collection, snapshot, &finder->tree, err);
	if (!finder->freeing)
		return false;
	if (!add_releases(finder))
		return error_out_of_memory(err, "simulating what would be given back");
	sparse_each(&finder->sparse, add_row, finder);
	if (snapshot->pins.failed || snapshot->releases.failed)
		return error_out_of_memory(err, "listing what pins arenas");
	return true;
}

bool pins_find(const struct collection *collection, struct snapshot *snapshot,
	       struct error *err)
{
	struct finder finder = {.collection = collection, .snapshot = snapshot};
	bool done = find(&finder, err);

	freeing_free(finder.freeing);
	free(finder.release_of);
	pin_groups_release(&finder.groups);
	sparse_release(&finder.sparse);
	dominator_tree_release(&finder.tree);
	return done;
}
