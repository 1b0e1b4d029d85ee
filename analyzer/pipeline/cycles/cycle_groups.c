#include "pipeline/cycles/cycle_groups.h"

#include "pipeline/cycles.h"

#include <stdlib.h>

#define STATES      3
#define MOST_LEVELS 6 /* that an owner of most cycles is looked for up the owners of each */
#define KINDS       3
#define VARIANTS    (STATES * KINDS)

struct grouper {
	const struct collection *collection;
	struct snapshot *snapshot;
	const struct cycle_part *parts;
	const struct cycle_map *map;
	struct cycle_groups *groups;
	uint32_t *type_count; /* by type: scratch */
	uint32_t *owners;     /* by part: scratch */
	uint64_t *largest;    /* by group: bytes of its largest part */
};

/* The same pattern of another state is another group. */
static uint32_t add_pattern(struct grouper *grouper, const struct cycle_part *part,
			    uint32_t *slot)
{
	struct snapshot_cycle_pattern pattern = {
		.state = part->state,
		.kind = part->kind,
		.pattern = part->pattern,
		.short_pattern = part->short_pattern,
		.fingerprint = fingerprint_of(part->pattern),
		.example = OBJECT_NONE,
		.edge = OBJECT_NONE,
		.owner = OBJECT_NONE,
		.advice = "",
		.remedy = "",
	};

	if (*slot == OBJECT_NONE && vector_push(&grouper->snapshot->cycle_patterns, pattern))
		*slot = (uint32_t)(grouper->snapshot->cycle_patterns.count - 1);
	return *slot;
}

static bool number_groups(struct grouper *grouper)
{
	uint32_t count = grouper->map->steps.part_count;
	size_t bytes = ((size_t)count * VARIANTS + 1) * sizeof(uint32_t);
	struct names *patterns = names_create();
	CLEANUP_FREE uint32_t *slots = malloc(bytes);
	bool done = patterns && slots;

	if (slots)
		memset(slots, 0xff, bytes);
	for (uint32_t i = 0; done && i < count; i++) {
		const struct cycle_part *part = &grouper->parts[i];
		uint32_t name = names_add(patterns, part->pattern);
		uint32_t variant = part->state * KINDS + part->kind;

		done = name != NAME_NONE;
		if (done)
			grouper->groups->group_of[i] =
				add_pattern(grouper, part, &slots[name * VARIANTS + variant]);
	}
	names_free(patterns);
	return done && !grouper->snapshot->cycle_patterns.failed;
}

static void add_up(struct grouper *grouper)
{
	const struct cycle_map *map = grouper->map;

	for (uint32_t i = 0; i < map->steps.part_count; i++) {
		const struct cycle_part *part = &grouper->parts[i];
		uint32_t group = grouper->groups->group_of[i];
		struct snapshot_cycle_pattern *pattern =
			&grouper->snapshot->cycle_patterns.items[group];

		pattern->cycles++;
		pattern->objects += map->first_object[i + 1] - map->first_object[i];
		pattern->bytes += part->bytes;
		pattern->finalizers += part->finalizers;
		if (pattern->cycles == 1 || part->bytes > grouper->largest[group]) {
			grouper->largest[group] = part->bytes;
			pattern->example = map->steps.object[map->steps.first_node[i]];
		}
	}
}

/* What is somebody's to mend comes first. */
static int rank(const struct snapshot_cycle_pattern *pattern)
{
	static const int ranks[STATES] = {
		[STATE_GARBAGE] = 0, [STATE_LEAKED] = 1, [STATE_LIVE] = 2};

	return ranks[pattern->state] * 2 + (pattern->kind != CYCLE_PROGRAM);
}

struct ranked {
	const struct snapshot_cycle_pattern *pattern;
	uint32_t group;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct snapshot_cycle_pattern *a = ((const struct ranked *)left)->pattern;
	const struct snapshot_cycle_pattern *b = ((const struct ranked *)right)->pattern;

	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return strcmp(a->pattern, b->pattern);
}

/* Puts the patterns and the numbers of the groups in their order. */
static bool order(struct grouper *grouper)
{
	struct snapshot *snapshot = grouper->snapshot;
	size_t count = snapshot->cycle_patterns.count;
	CLEANUP_FREE struct ranked *ranked = malloc((count + 1) * sizeof(*ranked));
	CLEANUP_FREE uint32_t *place = malloc((count + 1) * sizeof(*place));
	struct snapshot_cycle_pattern *ordered = malloc((count + 1) * sizeof(*ordered));

	if (!ranked || !place || !ordered) {
		free(ordered);
		return false;
	}
	for (uint32_t g = 0; g < count; g++)
		ranked[g] = (struct ranked){&snapshot->cycle_patterns.items[g], g};
	qsort(ranked, count, sizeof(*ranked), compare_ranked);
	for (uint32_t g = 0; g < count; g++) {
		ordered[g] = *ranked[g].pattern;
		place[ranked[g].group] = g;
	}
	for (uint32_t i = 0; i < grouper->map->steps.part_count; i++)
		grouper->groups->group_of[i] = place[grouper->groups->group_of[i]];
	vector_free(snapshot->cycle_patterns.items);
	snapshot->cycle_patterns.items = ordered;
	snapshot->cycle_patterns.capacity = count + 1;
	return true;
}

static bool list_parts(const struct grouper *grouper, struct cycle_groups *ret)
{
	uint32_t parts = grouper->map->steps.part_count;

	ret->count = (uint32_t)grouper->snapshot->cycle_patterns.count;
	ret->first = calloc((size_t)ret->count + 2, sizeof(*ret->first));
	ret->parts = malloc(((size_t)parts + 1) * sizeof(*ret->parts));
	if (!ret->first || !ret->parts)
		return false;
	for (uint32_t i = 0; i < parts; i++)
		ret->first[ret->group_of[i] + 2]++;
	for (uint32_t g = 2; g <= ret->count; g++)
		ret->first[g] += ret->first[g - 1];
	/* first[g + 1] is where the next part of g goes; in the end, where g's end. */
	for (uint32_t i = 0; i < parts; i++)
		ret->parts[ret->first[ret->group_of[i] + 1]++] = i;
	return true;
}

static void count_types(struct grouper *grouper, uint32_t group)
{
	const struct cycle_steps *steps = &grouper->map->steps;
	const struct cycle_groups *groups = grouper->groups;

	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++) {
		struct node_range nodes = cycle_part_nodes(steps, groups->parts[i]);

		for (uint32_t n = nodes.first; n < nodes.end; n++)
			grouper->type_count[grouper->snapshot->graph->type[steps->object[n]]]++;
	}
}

/* "app.Node" in "app.Tree.root → app.Node.tree". */
static bool is_in_pattern(const char *pattern, const char *type)
{
	static const char arrow[] = " → ";
	size_t length = strlen(type);
	const char *step = pattern;

	while (step && (strncmp(step, type, length) != 0 || !strchr(".[", step[length]))) {
		step = strstr(step, arrow);
		step = step ? step + strlen(arrow) : NULL;
	}
	return step != NULL;
}

/* Of two types with so many nodes: what the pattern tells first, then the most, then by name. */
static bool is_better(const struct snapshot_cycle_pattern *pattern, const char *type,
		      uint32_t count)
{
	bool told = is_in_pattern(pattern->pattern, type);
	bool best_told = is_in_pattern(pattern->pattern, pattern->type);

	if (told != best_told)
		return told;
	return count > pattern->type_objects ||
	       (count == pattern->type_objects && strcmp(type, pattern->type) < 0);
}

static void find_type(struct grouper *grouper, uint32_t group)
{
	const struct cycle_steps *steps = &grouper->map->steps;
	const struct cycle_groups *groups = grouper->groups;
	struct snapshot_cycle_pattern *pattern =
		&grouper->snapshot->cycle_patterns.items[group];

	pattern->type = "";
	count_types(grouper, group);
	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++) {
		struct node_range nodes = cycle_part_nodes(steps, groups->parts[i]);

		for (uint32_t n = nodes.first; n < nodes.end; n++) {
			uint32_t type = grouper->snapshot->graph->type[steps->object[n]];
			uint32_t count = grouper->type_count[type];
			const char *name = grouper->collection->types.items[type].name;

			grouper->type_count[type] = 0; /* each is judged once */
			if (!count || !is_better(pattern, name, count))
				continue;
			pattern->type_objects = count;
			pattern->type = name;
		}
	}
}

static int compare_numbers(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

/* A module lets nothing go: what only it holds has no owner that anybody would look for. */
static bool is_module(const struct grouper *grouper, uint32_t object)
{
	const uint32_t *type = grouper->snapshot->graph->type;
	const struct type_report *types = grouper->collection->types.items;
	uint32_t owner = grouper->snapshot->dominators.dominator[object];

	return types[type[object]].category == CATEGORY_TYPES ||
	       (owner != OBJECT_NONE && !strcmp(types[type[owner]].name, "builtins.module"));
}

/* The one of most cycles among owners[], and of how many. */
static uint32_t most_common(struct grouper *grouper, uint32_t count, uint32_t *ret_cycles)
{
	uint32_t run = 0, best = OBJECT_NONE;

	*ret_cycles = 0;
	qsort(grouper->owners, count, sizeof(*grouper->owners), compare_numbers);
	for (uint32_t i = 0; i < count; i++) {
		run = i && grouper->owners[i] == grouper->owners[i - 1] ? run + 1 : 1;
		if (run > *ret_cycles) {
			*ret_cycles = run;
			best = grouper->owners[i];
		}
	}
	return best;
}

/* Replaces owners[] by what keeps those; returns how many are left. */
static uint32_t climb(struct grouper *grouper, uint32_t count)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t owner = grouper->snapshot->dominators.dominator[grouper->owners[i]];

		if (owner != OBJECT_NONE && !is_module(grouper, owner))
			grouper->owners[left++] = owner;
	}
	return left;
}

/* The nearest one of most of them: each session may have its own, and one list all sessions. */
static void find_owner(struct grouper *grouper, uint32_t group)
{
	const struct cycle_groups *groups = grouper->groups;
	struct snapshot_cycle_pattern *pattern =
		&grouper->snapshot->cycle_patterns.items[group];
	uint32_t count = 0, cycles;

	for (uint32_t i = groups->first[group]; i < groups->first[group + 1]; i++) {
		uint32_t owner = grouper->parts[groups->parts[i]].owner;

		if (owner != OBJECT_NONE)
			grouper->owners[count++] = owner;
	}
	for (int level = 0; count && level < MOST_LEVELS; level++) {
		uint32_t owner = most_common(grouper, count, &cycles);

		if (cycles > pattern->owner_cycles) {
			pattern->owner = owner;
			pattern->owner_cycles = cycles;
		}
		if ((uint64_t)cycles * 10 >= pattern->cycles * 9)
			break;
		count = climb(grouper, count);
	}
}

static bool make(struct grouper *grouper)
{
	if (!grouper->groups->group_of || !grouper->type_count || !grouper->owners ||
	    !grouper->largest || !number_groups(grouper))
		return false;
	add_up(grouper);
	if (!order(grouper) || !list_parts(grouper, grouper->groups))
		return false;
	for (uint32_t g = 0; g < grouper->groups->count; g++) {
		find_type(grouper, g);
		find_owner(grouper, g);
	}
	return true;
}

bool cycle_groups_make(const struct collection *collection, struct snapshot *snapshot,
		       const struct cycle_part *parts, const struct cycle_map *map,
		       struct cycle_groups *ret)
{
	size_t room = (size_t)map->steps.part_count + 1;
	CLEANUP_FREE uint32_t *owners = malloc(room * sizeof(*owners));
	CLEANUP_FREE uint64_t *largest = malloc(room * sizeof(*largest));
	CLEANUP_FREE uint32_t *type_count =
		calloc(collection->types.count + 1, sizeof(*type_count));
	struct grouper grouper = {.collection = collection,
				  .snapshot = snapshot,
				  .parts = parts,
				  .map = map,
				  .groups = ret,
				  .type_count = type_count,
				  .owners = owners,
				  .largest = largest};

	*ret = (struct cycle_groups){.group_of = malloc(room * sizeof(*ret->group_of))};
	return make(&grouper);
}

void cycle_groups_release(struct cycle_groups *groups)
{
	free(groups->group_of);
	free(groups->first);
	free(groups->parts);
	*groups = (struct cycle_groups){0};
}
