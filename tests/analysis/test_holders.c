#include "analysis/holders.h"
#include "support/graph_builder.h"

#include <criterion/criterion.h>

/* A graph, the objects that are asked about, and which of all are namespaces. */
struct question {
	struct graph *graph;
	struct ledger ledger;
	struct reachability reachability;
	struct dominators dominators;
	struct dominator_tree tree;
	struct paths paths;
	struct holders holders;
	uint32_t weight[26], type[26];
	bool is_namespace[26];
};

static void ask(struct question *question, const char *text)
{
	static const uint8_t weights[64];
	struct error err = {0};
	struct holders_question holders = {.paths = &question->paths,
					   .dominators = &question->dominators,
					   .tree = &question->tree,
					   .weight = question->weight,
					   .least = 8,
					   .is_namespace = question->is_namespace};

	holders.graph = question->graph = graph_from_text(text);
	for (uint32_t i = 0; i < question->graph->object_count; i++)
		((uint32_t *)question->graph->type)[i] = question->type[i];
	cr_assert(ledger_compute(question->graph, &question->ledger, &err));
	cr_assert(reachability_compute(question->graph, &question->ledger,
				       &question->reachability, &err));
	cr_assert(dominators_compute(question->graph, &question->reachability,
				     &question->dominators, &err));
	cr_assert(dominator_tree_build(question->graph, &question->dominators, &question->tree,
				       &err));
	cr_assert(paths_compute(question->graph, &question->reachability, &question->dominators,
				weights, &question->paths, &err));
	cr_assert(holders_compute(&holders, &question->holders, &err));
}

static void expect_holder(const struct question *question, uint32_t object, uint32_t holder,
			  bool is_alone)
{
	cr_expect_eq(question->holders.holder[object], holder, "%c is held by %c, not %c",
		     'a' + (int)object, 'a' + (int)question->holders.holder[object],
		     'a' + (int)holder);
	cr_expect_eq(question->holders.is_alone[object], is_alone, "%c", 'a' + (int)object);
}

static void release(struct question *question)
{
	holders_release(&question->holders);
	paths_release(&question->paths);
	dominator_tree_release(&question->tree);
	dominators_release(&question->dominators);
	reachability_release(&question->reachability);
	ledger_release(&question->ledger);
	graph_free(question->graph);
}

/* `count` objects from the letter on have weight. */
static void weigh(struct question *question, char first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		question->weight[(uint32_t)(first - 'a') + i] = 1;
}

Test(holders, are_what_a_namespace_refers_to)
{
	struct question question = {.is_namespace[A] = true};

	/* Two lists of a module, the second of them with little. */
	weigh(&question, 'd', 10);
	ask(&question, "!a a->b a->c b->d b->e b->f b->g b->h b->i b->j b->k c->l c->m");
	expect_holder(&question, D, B, true);
	expect_holder(&question, 10, B, true);
	expect_holder(&question, 11, A, false); /* l: too little for a holder of its own */
	release(&question);
}

Test(holders, are_the_cache_and_not_the_server_that_has_it)
{
	struct question question = {.is_namespace[A] = true};

	weigh(&question, 'e', 10);
	ask(&question, "!a a->b b->c b->d c->e c->f c->g c->h c->i c->j c->k c->l c->m c->n");
	expect_holder(&question, E, C, true);
	expect_holder(&question, B, A, false);
	release(&question);
}

Test(holders, name_what_is_beside_the_way_to_a_cache)
{
	struct question question = {.is_namespace[A] = true};

	/* Beside the cache c, which has 100 of the weight, the server b has a list d with 8. */
	for (uint32_t i = 0; i < ARRAY_COUNT(question.type); i++)
		question.type[i] = i;
	question.weight['e' - 'a'] = 100;
	question.weight['f' - 'a'] = question.weight['g' - 'a'] = 4;
	ask(&question, "!a a->b b->c b->d c->e d->f d->g");
	expect_holder(&question, E, E, true);
	expect_holder(&question, F, D, true);
	release(&question);
}

Test(holders, are_what_has_the_name_where_its_weight_is_divided)
{
	struct question question = {.is_namespace[A] = true};

	weigh(&question, 'e', 10);
	ask(&question, "!a a->b b->c b->d c->e c->f c->g c->h c->i d->j d->k d->l d->m d->n");
	expect_holder(&question, E, B, true);
	expect_holder(&question, 13, B, true);
	release(&question);
}

Test(holders, do_not_hold_alone_what_others_refer_to_as_well)
{
	struct question question = {.is_namespace[A] = true};

	/* Each is in a list and in a dict. */
	weigh(&question, 'd', 8);
	ask(&question, "!a a->b a->c b->d b->e b->f b->g b->h b->i b->j b->k "
		       "c->d c->e c->f c->g c->h c->i c->j c->k");
	expect_holder(&question, D, question.paths.parent[D], false);
	expect_holder(&question, 10, question.paths.parent[10], false);
	cr_expect(question.paths.parent[D] == B || question.paths.parent[D] == C);
	release(&question);
}

Test(holders, of_what_nothing_dominates_are_roots_themselves)
{
	struct question question = {0};

	weigh(&question, 'b', 9);
	ask(&question, "!a a->b a->c a->d a->e a->f a->g a->h a->i !j");
	expect_holder(&question, B, A, true);
	expect_holder(&question, 9, 9, false);
	release(&question);
}

/* Each node has nearly all that is below the list below it. */
Test(holders, of_a_linked_list_are_its_first_node)
{
	struct question question = {.is_namespace[A] = true};

	weigh(&question, 'b', 20);
	ask(&question, "!a a->b b->c c->d d->e e->f f->g g->h h->i i->j j->k k->l l->m m->n "
		       "n->o o->p p->q q->r r->s s->t t->u");
	expect_holder(&question, B, B, true);
	expect_holder(&question, 20, B, true);
	release(&question);
}
