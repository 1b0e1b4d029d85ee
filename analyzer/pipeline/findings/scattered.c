#include "pipeline/findings/scattered.h"

#include "base/cleanup.h"
#include "base/hash.h"

#include <ctype.h>
#include <stdlib.h>

#define CRUMB_PART 4096u /* of the least bytes of a finding: what is smaller is left out */

/* An object's path, but for what may differ. */
struct crumb {
	uint64_t pattern;
	uint32_t object;
};

struct search {
	const struct findings *findings;
	const struct owners *owners;
	const struct graph *graph;
	const struct paths *paths;
	uint64_t *bytes;                /* [object_count] below it, without what owners have */
	uint64_t *pattern;              /* [object_count] */
	VECTOR_OF(struct crumb) crumbs; /* by pattern */
	VECTOR_OF(uint32_t) first;      /* of each pattern, in crumbs; one more at the end */
	/* [patterns] the tree of them: see owner_tree */
	uint32_t *parent, *kind;
	uint64_t *weight;
	bool *is_entry;
};

/* What others found is theirs all the way up. */
static void subtract_found(struct search *search)
{
	const struct accumulations *found = &search->owners->found;

	for (size_t i = 0; i < found->items.count; i++) {
		uint32_t node = found->items.items[i].node,
			 object = search->paths->parent[node];

		if (object != OBJECT_NONE && search->owners->owner[object] != OBJECT_NONE)
			continue;
		for (; object != OBJECT_NONE; object = search->paths->parent[object])
			search->bytes[object] -= found->total[node];
	}
}

static uint64_t root_pattern(const struct search *search, uint32_t object)
{
	uint32_t root = search->paths->step[object];
	const struct graph_root *at = root == OBJECT_NONE ? NULL : &search->graph->roots[root];
	uint64_t hash = hash_word(search->graph->type[object], at ? at->kind : ROOT_KINDS);

	if (!at)
		return hash;
	hash = hash_word(hash, at->label);
	if (at->frame < search->findings->collection->frames.count)
		hash = hash_text(
			hash, search->findings->collection->frames.items[at->frame].function);
	return hash;
}

/* The program's own names differ by pattern, but those of modules, classes and functions do not. */
static bool names_pattern(const struct search *search, uint32_t object)
{
	const struct type_report *type =
		&search->findings->collection->types.items[search->graph->type[object]];

	return !search->owners->is_entry[object] && type->category != CATEGORY_TYPES &&
	       type->category != CATEGORY_CODE &&
	       strcmp(type->name, "functools._lru_cache_wrapper") != 0;
}

static uint64_t step_pattern(const struct search *search, uint32_t object)
{
	uint32_t parent = search->paths->parent[object], step = search->paths->step[object];
	uint64_t hash = hash_word(search->pattern[parent], search->graph->label[step]);
	uint32_t key = OBJECT_NONE;

	if (names_pattern(search, object))
		key = snapshot_key_of(search->findings->snapshot, parent, step);
	return hash_word(hash_word(hash, search->graph->type[object]), key);
}

static int compare_crumbs(const void *left, const void *right)
{
	const struct crumb *a = left, *b = right;

	if (a->pattern != b->pattern)
		return a->pattern < b->pattern ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

/* What C code holds is told of by itself: see c_held.h.  Its objects have no pattern. */
static bool is_held_by_c(const struct search *search, uint32_t object)
{
	uint32_t parent = search->paths->parent[object];

	return parent == OBJECT_NONE ? owners_is_held_by_c(search->findings, object)
				     : !search->pattern[parent];
}

static void collect_crumbs(struct search *search)
{
	uint64_t least = search->owners->least / CRUMB_PART;

	/* From the roots down. */
	for (uint32_t i = search->graph->object_count; i-- > 0;) {
		uint32_t object = search->owners->order[i];

		if (search->owners->owner[object] != OBJECT_NONE ||
		    search->bytes[object] <= least || is_held_by_c(search, object))
			continue;
		search->pattern[object] = search->paths->parent[object] == OBJECT_NONE
						  ? root_pattern(search, object)
						  : step_pattern(search, object);
		vector_push(&search->crumbs, ((struct crumb){search->pattern[object], object}));
	}
	if (search->crumbs.count)
		qsort(search->crumbs.items, search->crumbs.count, sizeof(struct crumb),
		      compare_crumbs);
	for (uint32_t i = 0; i < search->crumbs.count; i++)
		if (!i ||
		    search->crumbs.items[i].pattern != search->crumbs.items[i - 1].pattern)
			vector_push(&search->first, i);
	vector_push(&search->first, (uint32_t)search->crumbs.count);
}

static uint32_t number_of(const struct search *search, uint64_t pattern)
{
	uint32_t low = 0, high = (uint32_t)search->first.count - 1;

	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;

		if (search->crumbs.items[search->first.items[middle]].pattern <= pattern)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The parents of what is alike are alike. */
static bool make_tree(struct search *search)
{
	size_t count = search->first.count;

	search->parent = malloc(count * sizeof(*search->parent));
	search->kind = calloc(count, sizeof(*search->kind));
	search->weight = calloc(count, sizeof(*search->weight));
	search->is_entry = calloc(count, sizeof(*search->is_entry));
	if (!search->parent || !search->kind || !search->weight || !search->is_entry)
		return false;
	for (uint32_t i = 0; i + 1 < count; i++) {
		uint32_t object = search->crumbs.items[search->first.items[i]].object;
		uint32_t above = search->paths->parent[object];

		search->parent[i] = above == OBJECT_NONE
					    ? TREE_ROOT
					    : number_of(search, search->pattern[above]);
		search->kind[i] = search->graph->type[object];
		search->is_entry[i] = search->owners->is_entry[object];
	}
	return true;
}

static uint32_t members_of(const struct search *search, uint32_t pattern)
{
	return search->first.items[pattern + 1] - search->first.items[pattern];
}

static uint64_t bytes_of(const struct search *search, uint32_t pattern)
{
	uint64_t bytes = 0;

	for (uint32_t k = search->first.items[pattern]; k < search->first.items[pattern + 1];
	     k++)
		bytes += search->bytes[search->crumbs.items[k].object];
	return bytes;
}

/*
 * Own bytes of a pattern: what its objects have that no pattern below it has.  A pattern of more
 * entries than there are containers stands for many in each: they, and all below, are the
 * containers' own.
 */
static bool weigh_patterns(struct search *search, struct error *err)
{
	uint32_t count = (uint32_t)search->first.count - 1;
	CLEANUP_FREE uint32_t *order = malloc(((size_t)count + 1) * sizeof(*order));
	CLEANUP_FREE bool *is_many = calloc((size_t)count + 1, sizeof(*is_many));

	if (!order || !is_many)
		return error_out_of_memory(err, "looking for owners");
	if (!owner_tree_order(search->parent, count, order, err))
		return false;
	/* From the roots down. */
	for (uint32_t i = count; i-- > 0;) {
		uint32_t pattern = order[i], above = search->parent[pattern];

		if (above != TREE_ROOT)
			is_many[pattern] =
				is_many[above] ||
				(search->is_entry[pattern] &&
				 members_of(search, pattern) > members_of(search, above));
		if (is_many[pattern])
			continue;
		search->weight[pattern] = bytes_of(search, pattern);
		if (above != TREE_ROOT)
			search->weight[above] -= search->weight[pattern];
	}
	return true;
}

static void add_group(const struct search *search, uint32_t pattern, struct scattered *ret)
{
	const uint64_t *retained = search->findings->snapshot->dominators.retained;
	struct scattered_group group = {0};

	if (members_of(search, pattern) < 2 ||
	    search->owners
		    ->is_program[search->crumbs.items[search->first.items[pattern]].object])
		return;
	for (uint32_t k = search->first.items[pattern]; k < search->first.items[pattern + 1];
	     k++) {
		uint32_t object = search->crumbs.items[k].object;

		vector_push(&group.members, object);
		group.bytes += retained[object];
	}
	if (group.bytes >= search->owners->least && !group.members.failed &&
	    vector_push(&ret->groups, group))
		return;
	ret->groups.failed |= group.members.failed;
	vector_release(&group.members);
}

static bool find_groups(struct search *search, struct scattered *ret, struct error *err)
{
	struct owner_tree tree;
	struct accumulations found;

	collect_crumbs(search);
	if (search->crumbs.failed || search->first.failed || !make_tree(search))
		return error_out_of_memory(err, "looking for owners");
	if (!weigh_patterns(search, err))
		return false;
	tree = (struct owner_tree){(uint32_t)search->first.count - 1, search->parent,
				   search->weight, search->kind, search->is_entry};
	if (!accumulations_find(&tree, search->owners->least, &found, err))
		return false;
	for (size_t i = 0; i < found.items.count; i++)
		add_group(search, found.items.items[i].node, ret);
	accumulations_release(&found);
	return !ret->groups.failed || error_out_of_memory(err, "looking for owners");
}

static void release(struct search *search)
{
	free(search->bytes);
	free(search->pattern);
	free(search->parent);
	free(search->kind);
	free(search->weight);
	free(search->is_entry);
	vector_release(&search->crumbs);
	vector_release(&search->first);
}

bool scattered_find(const struct findings *findings, const struct owners *owners,
		    struct scattered *ret, struct error *err)
{
	const struct graph *graph = findings->snapshot->graph;
	size_t room = (size_t)graph->object_count + 1;
	struct search search = {.findings = findings,
				.owners = owners,
				.graph = graph,
				.paths = &findings->snapshot->paths,
				.bytes = malloc(room * sizeof(uint64_t)),
				.pattern = calloc(room, sizeof(uint64_t))};
	bool done = search.bytes && search.pattern;

	*ret = (struct scattered){0};
	if (done) {
		memcpy(search.bytes, owners->found.total,
		       graph->object_count * sizeof(*search.bytes));
		subtract_found(&search);
		done = find_groups(&search, ret, err);
	} else {
		error_out_of_memory(err, "looking for owners");
	}
	release(&search);
	if (!done)
		scattered_release(ret);
	return done;
}

void scattered_release(struct scattered *scattered)
{
	vector_each (&scattered->groups, group)
		vector_release(&group->members);
	vector_release(&scattered->groups);
}

static bool is_word(char letter)
{
	return isalnum((unsigned char)letter) || letter == '_' || (letter & 0x80);
}

const char *scattered_merge(struct arena *arena, const char *one, const char *other)
{
	size_t first = 0, last = 0, length = strlen(one), other_length = strlen(other);

	if (strcmp(one, other) == 0)
		return one;
	while (one[first] && one[first] == other[first])
		first++;
	while (first && is_word(one[first - 1]))
		first--;
	while (last < length - first && last < other_length - first &&
	       one[length - 1 - last] == other[other_length - 1 - last])
		last++;
	while (last && is_word(one[length - last]))
		last--;
	return arena_format(arena, "%.*s*%s", (int)first, one, one + length - last);
}
