#include "pipeline/findings/shared.h"

#define NEARLY_ALL 80u /* percent */
#define MOST_ALONE 67u /* percent of what the keeper retains */

uint32_t shared_keeper(const struct findings *findings, uint32_t object, uint64_t below)
{
	const struct dominators *dominators = &findings->snapshot->dominators;

	while (object != OBJECT_NONE && dominators->retained[object] * 100 < below * NEARLY_ALL)
		object = dominators->dominator[object];
	return object;
}

static bool is_dominated(const struct findings *findings, uint32_t object, uint32_t keeper)
{
	while (object != OBJECT_NONE && object != keeper)
		object = findings->snapshot->dominators.dominator[object];
	return object == keeper;
}

static uint32_t keeper_of(const struct findings *findings, const struct accumulations *found,
			  size_t index)
{
	uint32_t node = found->items.items[index].node;

	return shared_keeper(findings, node, found->total[node]);
}

/* Bytes of those that the keeper has, and that share nothing. */
static uint64_t bytes_alone(const struct findings *findings, const struct accumulations *found,
			    uint32_t keeper)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < found->items.count; i++) {
		const struct accumulation *item = &found->items.items[i];

		if (is_dominated(findings, item->node, keeper) &&
		    keeper_of(findings, found, i) == item->node)
			bytes += item->bytes;
	}
	return bytes;
}

static void join(const struct findings *findings, uint32_t keeper, struct accumulations *found,
		 struct shared_parts *parts)
{
	struct accumulation joined = {keeper, findings->snapshot->dominators.retained[keeper]};
	struct accumulation *items = found->items.items;
	size_t kept = 0, at;

	for (size_t i = 0; i < found->items.count; i++) {
		if (!is_dominated(findings, items[i].node, keeper))
			items[kept++] = items[i];
		else if (items[i].node != keeper)
			vector_push(parts, ((struct shared_part){keeper, items[i].node}));
	}
	/* There is room: it was one of them that has this keeper. */
	for (at = kept; at && items[at - 1].bytes < joined.bytes; at--)
		items[at] = items[at - 1];
	items[at] = joined;
	found->items.count = kept + 1;
}

static bool can_keep(const struct findings *findings, const bool *is_program, uint32_t object)
{
	uint32_t type = findings->snapshot->graph->type[object];

	return !is_program[object] &&
	       findings->collection->types.items[type].category != CATEGORY_CODE;
}

void shared_join(const struct findings *findings, const bool *is_program,
		 struct accumulations *found, struct shared_parts *parts)
{
	const uint64_t *retained = findings->snapshot->dominators.retained;

	for (size_t i = 0; i < found->items.count; i++) {
		uint32_t keeper = keeper_of(findings, found, i);

		if (keeper == OBJECT_NONE || keeper == found->items.items[i].node ||
		    !can_keep(findings, is_program, keeper) ||
		    bytes_alone(findings, found, keeper) * 100 > retained[keeper] * MOST_ALONE)
			continue;
		join(findings, keeper, found, parts);
		i = SIZE_MAX; /* all over again: there is one less, or one further up */
	}
}
