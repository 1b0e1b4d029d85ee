#include "analysis/holders.h"

#include <stdlib.h>

/* Four fifths of a name's weight are nearly all of it. */
#define PARTS      5
#define NEARLY_ALL 4

struct search {
	const struct holders_question *question;
	struct holders *result;
	uint64_t *below; /* [object_count] weight of the object and what it dominates */
	uint32_t *name;  /* [object_count] what has a name and dominates it or is it */
	uint32_t *end;   /* [object_count] of a name: its holder */
	bool *on_way;    /* [object_count] from a name to its holder, which is not on it */
};

static bool is_top(const struct search *search, uint32_t object)
{
	uint32_t dominator = search->question->dominators->dominator[object];

	return dominator == OBJECT_NONE || search->question->is_namespace[dominator];
}

static void sum_weights(struct search *search)
{
	const struct holders_question *question = search->question;

	for (uint32_t i = 0; i < question->graph->object_count; i++)
		search->below[i] = question->weight[i];
	for (uint32_t i = question->graph->object_count; i-- > 0;) {
		uint32_t object = question->tree->order[i];
		uint32_t dominator = question->dominators->dominator[object];

		if (dominator != OBJECT_NONE)
			search->below[dominator] += search->below[object];
	}
}

static uint32_t heaviest_child(const struct search *search, uint32_t object)
{
	const struct dominator_tree *tree = search->question->tree;
	uint32_t best = OBJECT_NONE;

	for (uint32_t c = tree->first_child[object]; c < tree->first_child[object + 1]; c++)
		if (best == OBJECT_NONE || search->below[tree->child[c]] > search->below[best])
			best = tree->child[c];
	return best;
}

/*
 * A linked list has nearly all of its weight below its second node, too, and below its third.
 * Where some weight is left behind, a step to the same type, or to that of the one before, ends
 * it.
 */
static bool goes_down(const struct search *search, uint32_t top, uint32_t before, uint32_t at,
		      uint32_t child)
{
	const uint32_t *type = search->question->graph->type;

	if (search->question->is_namespace[child] ||
	    search->below[child] * PARTS < search->below[top] * NEARLY_ALL)
		return false;
	return search->below[child] == search->below[at] ||
	       (type[child] != type[at] && type[child] != type[before]);
}

static uint32_t find_end(struct search *search, uint32_t top)
{
	uint32_t before = top, at = top;

	for (;;) {
		uint32_t child = heaviest_child(search, at);

		if (child == OBJECT_NONE || !goes_down(search, top, before, at, child))
			return at;
		search->on_way[at] = true;
		before = at;
		at = child;
	}
}

/* The object before it on its path; itself where that begins. */
static uint32_t step_to_root(const struct search *search, uint32_t object)
{
	uint32_t parent = search->question->paths->parent[object];

	return parent == OBJECT_NONE ? object : parent;
}

static bool is_heavy(const struct search *search, uint32_t name)
{
	return !search->question->is_namespace[name] &&
	       search->below[name] >= search->question->least;
}

/* Namespaces have no name above them: what they weigh is theirs. */
static void name_itself(struct search *search, uint32_t object)
{
	search->name[object] = object;
	search->end[object] = is_heavy(search, object) ? find_end(search, object)
						       : step_to_root(search, object);
}

/* What hangs on the way to a holder, and is not the holder's, is the other names'. */
static bool is_beside_way(const struct search *search, uint32_t object)
{
	uint32_t dominator = search->question->dominators->dominator[object];

	return search->on_way[dominator] && !search->on_way[object] &&
	       search->end[search->name[dominator]] != object;
}

/* Dominators come first. */
static void find_names(struct search *search)
{
	const struct holders_question *question = search->question;

	for (uint32_t i = 0; i < question->graph->object_count; i++) {
		uint32_t object = question->tree->order[i];

		if (question->is_namespace[object] || is_top(search, object) ||
		    is_beside_way(search, object))
			name_itself(search, object);
		else
			search->name[object] =
				search->name[question->dominators->dominator[object]];
	}
}

static void answer(struct search *search, uint32_t object)
{
	uint32_t name = search->name[object];

	if (!search->below[object])
		return;
	search->result->holder[object] =
		search->on_way[object] ? step_to_root(search, object) : search->end[name];
	search->result->is_alone[object] = is_heavy(search, name) && !search->on_way[object];
}

bool holders_compute(const struct holders_question *question, struct holders *ret,
		     struct error *err)
{
	size_t room = (size_t)question->graph->object_count + 1;
	CLEANUP_FREE uint64_t *below = malloc(room * sizeof(*below));
	CLEANUP_FREE uint32_t *name = malloc(room * sizeof(*name));
	CLEANUP_FREE uint32_t *end = malloc(room * sizeof(*end));
	CLEANUP_FREE bool *on_way = calloc(room, sizeof(*on_way));
	struct search search = {question, ret, below, name, end, on_way};

	ret->holder = malloc(room * sizeof(*ret->holder));
	ret->is_alone = calloc(room, sizeof(*ret->is_alone));
	if (!below || !name || !end || !on_way || !ret->holder || !ret->is_alone) {
		holders_release(ret);
		return error_out_of_memory(err, "looking for who holds what");
	}
	memset(ret->holder, 0xff, room * sizeof(*ret->holder));
	sum_weights(&search);
	find_names(&search);
	for (uint32_t i = 0; i < question->graph->object_count; i++)
		answer(&search, i);
	return true;
}

void holders_release(struct holders *holders)
{
	free(holders->holder);
	free(holders->is_alone);
	*holders = (struct holders){0};
}
