#include "analysis/dominator_tree.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

struct tree {
	struct graph *graph;
	struct ledger ledger;
	struct reachability reachability;
	struct dominators dominators;
	struct dominator_tree tree;
};

static struct tree tree_of(struct graph *graph)
{
	struct tree tree = {.graph = graph};
	struct error err = {0};

	cr_assert(ledger_compute(graph, &tree.ledger, &err));
	cr_assert(reachability_compute(graph, &tree.ledger, &tree.reachability, &err));
	cr_assert(dominators_compute(graph, &tree.reachability, &tree.dominators, &err));
	cr_assert(dominator_tree_build(graph, &tree.dominators, &tree.tree, &err));
	return tree;
}

static void release(struct tree *tree)
{
	dominator_tree_release(&tree->tree);
	dominators_release(&tree->dominators);
	reachability_release(&tree->reachability);
	ledger_release(&tree->ledger);
	graph_free(tree->graph);
}

Test(dominator_tree, has_the_children_of_each_object_and_of_the_top)
{
	struct tree tree = tree_of(graph_from_text("!a a->b a->c b->d c->d !e"));
	const uint32_t *first = tree.tree.first_child, *child = tree.tree.child;

	cr_assert_eq(first[A + 1] - first[A], 3u);
	cr_expect_eq(child[first[A]], B);
	cr_expect_eq(child[first[A] + 1], C);
	cr_expect_eq(child[first[A] + 2], D);
	cr_expect_eq(first[B + 1] - first[B], 0u);
	cr_assert_eq(first[6] - first[5], 2u, "a and e");
	cr_expect_eq(child[first[5]], A);
	cr_expect_eq(child[first[5] + 1], E);
	release(&tree);
}

Test(dominator_tree, has_every_object_once_and_after_its_dominator)
{
	uint64_t seed = 7;

	for (int round = 0; round < 300; round++) {
		struct tree tree = tree_of(random_graph(&seed));
		bool seen[RANDOM_OBJECTS] = {false};

		for (uint32_t i = 0; i < tree.graph->object_count; i++) {
			uint32_t object = tree.tree.order[i];
			uint32_t dominator = tree.dominators.dominator[object];

			cr_assert(!seen[object]);
			cr_assert(dominator == OBJECT_NONE || seen[dominator]);
			seen[object] = true;
		}
		release(&tree);
	}
}

Test(dominator_tree, is_built_of_a_long_chain)
{
	struct tree tree = tree_of(chain_graph(100000, CHAIN_OPEN));

	cr_assert_eq(tree.tree.order[0], 0u);
	cr_assert_eq(tree.tree.order[99999], 99999u);
	release(&tree);
}
