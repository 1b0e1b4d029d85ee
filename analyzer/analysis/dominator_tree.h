/*
 * The tree that dominators make, from the top down.
 */
#ifndef ANALYSIS_DOMINATOR_TREE_H
#define ANALYSIS_DOMINATOR_TREE_H

#include "analysis/dominators.h"

struct dominator_tree {
	uint32_t *
		first_child; /* [object_count + 2]: of object i in child[]; of the top, those of
				  object_count */
	uint32_t *child;     /* [object_count] ascending for each */
	uint32_t *order;     /* [object_count] each after its dominator */
};

bool dominator_tree_build(const struct graph *graph, const struct dominators *dominators,
			  struct dominator_tree *ret, struct error *err);
void dominator_tree_release(struct dominator_tree *tree);

#endif
