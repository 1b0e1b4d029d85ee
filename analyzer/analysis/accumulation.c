#include "analysis/accumulation.h"

#include "base/cleanup.h"

#include <stdlib.h>

enum {
	FEW_ENTRIES = 3,   /* entries that may be judged by themselves, if they have */
	FEW_PERCENT = 70,  /* of their container's bytes */
	CHAIN_REPEATS = 8, /* as many alike, one below the other, are a chain */
	CHAIN_GAP = 6,     /* nodes from one to the next of a chain */
};

struct search {
	const struct owner_tree *tree;
	uint64_t least;
	uint64_t *total;
	/* Nodes of at least `least` bytes, by parent, the largest of each first. */
	VECTOR_OF(uint32_t) large;
	VECTOR_OF(uint32_t) open;
	struct accumulations *found;
};

bool owner_tree_order(const uint32_t *parent, uint32_t count, uint32_t *order,
		      struct error *err)
{
	CLEANUP_FREE uint32_t *pending = calloc((size_t)count + 1, sizeof(*pending));
	uint32_t filled = 0;

	if (!pending)
		return error_out_of_memory(err, "ordering a tree");
	for (uint32_t i = 0; i < count; i++)
		if (parent[i] != TREE_ROOT)
			pending[parent[i]]++;
	for (uint32_t i = 0; i < count; i++)
		if (!pending[i])
			order[filled++] = i;
	/* Everything below order[i] stands before it. */
	for (uint32_t i = 0; i < filled; i++) {
		uint32_t above = parent[order[i]];

		if (above != TREE_ROOT && --pending[above] == 0)
			order[filled++] = above;
	}
	return true;
}

static bool sum_up(const struct owner_tree *tree, uint64_t *total, struct error *err)
{
	CLEANUP_FREE uint32_t *order = malloc(((size_t)tree->count + 1) * sizeof(*order));

	if (!order)
		return error_out_of_memory(err, "summing up a tree");
	if (!owner_tree_order(tree->parent, tree->count, order, err))
		return false;
	memcpy(total, tree->weight, tree->count * sizeof(*total));
	for (uint32_t i = 0; i < tree->count; i++)
		if (tree->parent[order[i]] != TREE_ROOT)
			total[tree->parent[order[i]]] += total[order[i]];
	return true;
}

static int compare_large(const void *left, const void *right, void *context)
{
	const struct search *search = context;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	const uint32_t *parent = search->tree->parent;

	if (parent[a] != parent[b])
		return parent[a] < parent[b] ? -1 : 1;
	if (search->total[a] != search->total[b])
		return search->total[a] > search->total[b] ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void list_large(struct search *search)
{
	for (uint32_t i = 0; i < search->tree->count; i++)
		if (search->total[i] >= search->least)
			vector_push(&search->large, i);
	if (search->large.count)
		qsort_r(search->large.items, search->large.count, sizeof(*search->large.items),
			compare_large, search);
}

/* The large nodes below one: where they begin; *ret_count of them. */
static const uint32_t *large_below(const struct search *search, uint32_t node,
				   size_t *ret_count)
{
	const uint32_t *items = search->large.items, *parent = search->tree->parent;
	size_t low = 0, high = search->large.count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (parent[items[middle]] < node)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < search->large.count && parent[items[end]] == node; end++)
		;
	*ret_count = end - low;
	return items + low;
}

/* Whether the entries among the large are so few, and so large, that each is worth a look. */
static bool stand_out(const struct search *search, uint32_t node, const uint32_t *large,
		      size_t count)
{
	uint64_t sum = 0;
	size_t entries = 0;

	for (size_t i = 0; i < count; i++) {
		if (!search->tree->is_entry[large[i]])
			continue;
		if (entries++ < FEW_ENTRIES)
			sum += search->total[large[i]];
	}
	return !entries || sum * 100 >= search->total[node] * FEW_PERCENT;
}

static uint32_t next_of_chain(const struct search *search, uint32_t node)
{
	const struct owner_tree *tree = search->tree;
	uint32_t above = node;

	for (int i = 0; i < CHAIN_GAP && above != TREE_ROOT; i++) {
		above = tree->parent[above];
		if (above != TREE_ROOT && tree->kind[above] == tree->kind[node])
			return above;
	}
	return TREE_ROOT;
}

/* The first of the chain that the node is in, or TREE_ROOT. */
static uint32_t start_of_chain(const struct search *search, uint32_t node)
{
	uint32_t above = node;

	for (int i = 0; i < CHAIN_REPEATS; i++) {
		above = next_of_chain(search, above);
		if (above == TREE_ROOT)
			return TREE_ROOT;
	}
	for (uint32_t i = above; i != TREE_ROOT; i = next_of_chain(search, i))
		above = i;
	return above;
}

static void add(struct search *search, uint32_t node, uint64_t bytes)
{
	struct accumulation item = {node, bytes};

	vector_push(&search->found->items, item);
}

static void judge(struct search *search, uint32_t node)
{
	uint64_t rest = search->total[node];
	uint32_t start = start_of_chain(search, node);
	size_t count;
	const uint32_t *large = large_below(search, node, &count);

	if (start != TREE_ROOT) {
		add(search, start, search->total[start]);
		return;
	}
	if (!stand_out(search, node, large, count)) {
		add(search, node, rest);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		vector_push(&search->open, large[i]);
		rest -= search->total[large[i]];
	}
	if (rest >= search->least)
		add(search, node, rest);
}

static int compare_found(const void *left, const void *right)
{
	const struct accumulation *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static bool is_within(const struct owner_tree *tree, uint32_t node, uint32_t above)
{
	while (node != TREE_ROOT && node != above)
		node = tree->parent[node];
	return node == above;
}

/* A chain that branches was met in each branch, and others may have been found within it. */
static void leave_out_parts(struct search *search)
{
	struct accumulation *items = search->found->items.items;
	size_t kept = 0;

	for (size_t i = 0; i < search->found->items.count; i++) {
		bool part = false;

		for (size_t k = 0; k < kept && !part; k++)
			part = items[k].bytes == search->total[items[k].node] &&
			       is_within(search->tree, items[i].node, items[k].node);
		if (!part)
			items[kept++] = items[i];
	}
	search->found->items.count = kept;
}

static void judge_all(struct search *search)
{
	size_t count;
	const uint32_t *large = large_below(search, TREE_ROOT, &count);

	for (size_t i = 0; i < count; i++)
		vector_push(&search->open, large[i]);
	while (search->open.count)
		judge(search, search->open.items[--search->open.count]);
	if (search->found->items.count)
		qsort(search->found->items.items, search->found->items.count,
		      sizeof(struct accumulation), compare_found);
	leave_out_parts(search);
}

bool accumulations_find(const struct owner_tree *tree, uint64_t least,
			struct accumulations *ret, struct error *err)
{
	struct search search = {.tree = tree, .least = least ? least : 1, .found = ret};
	bool done;

	*ret = (struct accumulations){0};
	ret->total = search.total = calloc((size_t)tree->count + 1, sizeof(*ret->total));
	if (!ret->total)
		return error_out_of_memory(err, "looking for owners");
	done = sum_up(tree, ret->total, err);
	if (done) {
		list_large(&search);
		judge_all(&search);
		if (search.large.failed || search.open.failed || ret->items.failed)
			done = error_out_of_memory(err, "looking for owners");
	}
	vector_release(&search.large);
	vector_release(&search.open);
	if (!done)
		accumulations_release(ret);
	return done;
}

void accumulations_release(struct accumulations *accumulations)
{
	vector_release(&accumulations->items);
	free(accumulations->total);
	*accumulations = (struct accumulations){0};
}
