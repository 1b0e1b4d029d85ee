#include "analysis/dominator_tree.h"

#include <stdlib.h>

static void list_children(const struct dominators *dominators, uint32_t count,
			  struct dominator_tree *ret)
{
	uint32_t *first = ret->first_child, sum = 0;

	for (uint32_t i = 0; i < count; i++)
		first[dominators->dominator[i] == OBJECT_NONE ? count
							      : dominators->dominator[i]]++;
	for (uint32_t i = 0; i <= count; i++) {
		sum += first[i];
		first[i] = sum;
	}
	first[count + 1] = sum;
	/* first[i] is one past the children of i that are still to be placed. */
	for (uint32_t i = count; i-- > 0;) {
		uint32_t parent = dominators->dominator[i] == OBJECT_NONE
					  ? count
					  : dominators->dominator[i];

		ret->child[--first[parent]] = i;
	}
}

/* The order is its own queue: what was put into it is next to have its children put there. */
static void put_in_order(uint32_t count, struct dominator_tree *ret)
{
	uint32_t end = 0;

	for (uint32_t c = ret->first_child[count]; c < ret->first_child[count + 1]; c++)
		ret->order[end++] = ret->child[c];
	for (uint32_t begin = 0; begin < end; begin++) {
		uint32_t object = ret->order[begin];

		for (uint32_t c = ret->first_child[object]; c < ret->first_child[object + 1];
		     c++)
			ret->order[end++] = ret->child[c];
	}
}

bool dominator_tree_build(const struct graph *graph, const struct dominators *dominators,
			  struct dominator_tree *ret, struct error *err)
{
	size_t room = (size_t)graph->object_count + 2;

	ret->first_child = calloc(room, sizeof(*ret->first_child));
	ret->child = malloc(room * sizeof(*ret->child));
	ret->order = malloc(room * sizeof(*ret->order));
	if (!ret->first_child || !ret->child || !ret->order) {
		dominator_tree_release(ret);
		return error_out_of_memory(err, "walking the dominators");
	}
	list_children(dominators, graph->object_count, ret);
	put_in_order(graph->object_count, ret);
	return true;
}

void dominator_tree_release(struct dominator_tree *tree)
{
	free(tree->first_child);
	free(tree->child);
	free(tree->order);
	*tree = (struct dominator_tree){0};
}
