#include "pipeline/waste_groups.h"

#include "base/hash.h"

#include <stdlib.h>

#define FIRST_SLOTS 1024

static uint64_t hash_of(enum waste_kind kind, const struct holder *holder)
{
	return hash_bytes((uint64_t)kind, holder, sizeof(*holder));
}

/* The slot of the group, or a free one. */
static size_t find_slot(const struct waste_groups *groups, enum waste_kind kind,
			const struct holder *holder)
{
	size_t at = hash_of(kind, holder) & (groups->slot_count - 1);

	while (groups->slots[at] != GROUP_NONE) {
		const struct waste_group *group = &groups->groups.items[groups->slots[at]];

		if (group->kind == kind && !memcmp(&group->holder, holder, sizeof(*holder)))
			break;
		at = (at + 1) & (groups->slot_count - 1);
	}
	return at;
}

static bool grow(struct waste_groups *groups)
{
	size_t count = groups->slot_count ? groups->slot_count * 2 : FIRST_SLOTS;
	uint32_t *slots = malloc(count * sizeof(*slots));

	if (!slots)
		return false;
	free(groups->slots);
	groups->slots = slots;
	groups->slot_count = count;
	memset(slots, 0xff, count * sizeof(*slots));
	for (uint32_t i = 0; i < groups->groups.count; i++) {
		const struct waste_group *group = &groups->groups.items[i];

		slots[find_slot(groups, group->kind, &group->holder)] = i;
	}
	return true;
}

uint32_t waste_groups_find(struct waste_groups *groups, enum waste_kind kind,
			   const struct holder *holder)
{
	struct waste_group group = {
		.kind = kind, .holder = *holder, .example = OBJECT_NONE, .equal = OBJECT_NONE};
	size_t slot;

	if (groups->groups.count * 2 >= groups->slot_count && !grow(groups))
		return GROUP_NONE;
	slot = find_slot(groups, kind, holder);
	if (groups->slots[slot] != GROUP_NONE)
		return groups->slots[slot];
	if (!vector_push(&groups->groups, group))
		return GROUP_NONE;
	return groups->slots[slot] = (uint32_t)groups->groups.count - 1;
}

void waste_group_example(struct waste_group *group, uint32_t object, uint64_t weight)
{
	if (group->example != OBJECT_NONE && group->weight >= weight)
		return;
	group->example = object;
	group->weight = weight;
}

void waste_groups_release(struct waste_groups *groups)
{
	vector_release(&groups->groups);
	free(groups->slots);
	*groups = (struct waste_groups){.slots = NULL};
}
