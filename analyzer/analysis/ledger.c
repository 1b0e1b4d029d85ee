#include "analysis/ledger.h"

#include <stdlib.h>

static int64_t add(int64_t left, int64_t right)
{
	int64_t sum;

	if (!__builtin_add_overflow(left, right, &sum))
		return sum;
	return left < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t subtract(int64_t left, int64_t right)
{
	int64_t difference;

	if (!__builtin_sub_overflow(left, right, &difference))
		return difference;
	return left < 0 ? INT64_MIN : INT64_MAX;
}

static void add_found(const struct graph *graph, int64_t *found)
{
	for (uint32_t r = 0; r < graph->reference_count; r++)
		found[graph->target[r]] += reference_is_counted(graph->kind[r]);
	for (uint32_t i = 0; i < graph->root_count; i++) {
		const struct graph_root *root = &graph->roots[i];

		if (!root_is_guess(root->kind))
			found[root->object] = add(found[root->object], root->counted);
	}
}

static bool has_count(const struct graph *graph, uint32_t object)
{
	return (graph->flags[object] & (OBJECT_COUNTED | OBJECT_IMMORTAL)) == OBJECT_COUNTED;
}

bool ledger_compute(const struct graph *graph, struct ledger *ret, struct error *err)
{
	size_t room = (size_t)graph->object_count + 1;

	ret->found = calloc(room, sizeof(*ret->found));
	ret->surplus = calloc(room, sizeof(*ret->surplus));
	if (!ret->found || !ret->surplus) {
		ledger_release(ret);
		return error_out_of_memory(err, "computing the refcount ledger");
	}
	add_found(graph, ret->found);
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (has_count(graph, i))
			ret->surplus[i] = subtract(graph->refcount[i], ret->found[i]);
	return true;
}

static void doubt(struct ledger *ledger, struct graph *graph, uint32_t root)
{
	uint32_t object = graph->roots[root].object;

	ledger->found[object]--;
	ledger->surplus[object]++;
	graph_doubt_root(graph, root);
}

/*
 * The locals [first, end) of one call.  Where no count is missing, the word is stale; where more
 * are missing than the function holds, it is not known which of them it is.
 */
static void settle_call(struct ledger *ledger, struct graph *graph, uint32_t first,
			uint32_t end)
{
	uint32_t held = 0;

	for (uint32_t i = first; i < end; i++)
		if (ledger->surplus[graph->roots[i].object] < 0)
			doubt(ledger, graph, i);
		else
			held++;
	if (held <= graph->roots[first].most)
		return;
	for (uint32_t i = first; i < end; i++)
		if (graph->roots[i].kind == ROOT_C_LOCAL)
			doubt(ledger, graph, i);
}

static void settle_locals(struct ledger *ledger, struct graph *graph)
{
	for (uint32_t i = 0, end; i < graph->root_count; i = end) {
		end = i + 1;
		if (graph->roots[i].kind != ROOT_C_LOCAL)
			continue;
		while (end < graph->root_count && graph->roots[end].kind == ROOT_C_LOCAL &&
		       graph->roots[end].call == graph->roots[i].call)
			end++;
		settle_call(ledger, graph, i, end);
	}
}

void ledger_settle(struct ledger *ledger, struct graph *graph)
{
	settle_locals(ledger, graph);
	for (uint32_t i = 0; i < graph->root_count; i++) {
		const struct graph_root *root = &graph->roots[i];

		if ((root->kind != ROOT_GLOBAL && root->kind != ROOT_INTERPRETER) ||
		    root->counted != 1 || ledger->surplus[root->object] >= 0)
			continue;
		ledger->found[root->object]--;
		ledger->surplus[root->object]++;
		graph_set_counted(graph, i, 0);
	}
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (ledger->surplus[i] > 0)
			graph_want(graph, i);
}

void ledger_release(struct ledger *ledger)
{
	free(ledger->found);
	free(ledger->surplus);
	*ledger = (struct ledger){0};
}
