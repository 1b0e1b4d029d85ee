/*
 * Equal texts and bytes.  Of a set of equal ones, one is enough: one that the runtime shares
 * already, or else one of the holder that has most of them.
 *
 * Invariant: a set is a ring over next_equal, whose last one stands in the table of slots, with
 * the bits of its hash that tell most others apart; its next is the first.
 */
#include "pipeline/waste_parts.h"

#include "base/hash.h"

#include <stdlib.h>

#define FIRST_SLOTS 4096

/* A slot is two words: the object, and the upper half of its hash. */
enum { SLOT_OBJECT, SLOT_HASH, SLOT_WORDS };

static uint64_t hash_of(const struct contents *contents)
{
	uint64_t hash =
		hash_word(hash_word(HASH_START, contents->width), (uint64_t)contents->kind);

	return hash_bytes(hash, contents->bytes, contents->size);
}

static bool is_equal(const struct waste *waste, uint32_t object,
		     const struct contents *contents)
{
	struct contents other;

	return waste->kind[object] == contents->kind && waste_read(waste, object, &other) &&
	       other.size == contents->size && other.width == contents->width &&
	       !memcmp(other.bytes, contents->bytes, contents->size);
}

static uint32_t *slot_at(const struct waste *waste, size_t index)
{
	return waste->slots + (index & (waste->slot_count - 1)) * SLOT_WORDS;
}

static bool grow(struct waste *waste)
{
	size_t old_count = waste->slot_count, count = old_count ? old_count * 2 : FIRST_SLOTS;
	uint32_t *old = waste->slots, *slots = malloc(count * SLOT_WORDS * sizeof(*slots));

	if (!slots)
		return false;
	memset(slots, 0xff, count * SLOT_WORDS * sizeof(*slots));
	waste->slots = slots;
	waste->slot_count = count;
	for (size_t i = 0; i < old_count; i++) {
		const uint32_t *from = old + i * SLOT_WORDS;
		size_t at = from[SLOT_HASH];

		if (from[SLOT_OBJECT] == OBJECT_NONE)
			continue;
		while (slot_at(waste, at)[SLOT_OBJECT] != OBJECT_NONE)
			at++;
		memcpy(slot_at(waste, at), from, SLOT_WORDS * sizeof(*from));
	}
	free(old);
	return true;
}

static void start_set(struct waste *waste, uint32_t *slot, uint32_t hash, uint32_t object)
{
	slot[SLOT_OBJECT] = object;
	slot[SLOT_HASH] = hash;
	waste->slots_used++;
	waste->first_equal[object] = waste->next_equal[object] = object;
	waste->tally[object] = 1;
}

static void join_set(struct waste *waste, uint32_t *slot, uint32_t object)
{
	uint32_t last = slot[SLOT_OBJECT], first = waste->first_equal[last];

	waste->first_equal[object] = first;
	waste->next_equal[object] = first;
	waste->next_equal[last] = object;
	waste->tally[first]++;
	slot[SLOT_OBJECT] = object;
}

bool copies_take(struct waste *waste, uint32_t object, const struct contents *contents)
{
	uint32_t hash = (uint32_t)(hash_of(contents) >> 32);

	if (waste->slots_used * 2 >= waste->slot_count && !grow(waste))
		return false;
	for (size_t at = hash;; at++) {
		uint32_t *slot = slot_at(waste, at);

		if (slot[SLOT_OBJECT] == OBJECT_NONE) {
			start_set(waste, slot, hash, object);
			return true;
		}
		if (slot[SLOT_HASH] == hash && is_equal(waste, slot[SLOT_OBJECT], contents)) {
			join_set(waste, slot, object);
			return true;
		}
	}
}

/* Nothing is won by using another one in its place. */
static bool is_shared(const struct waste *waste, uint32_t object)
{
	struct contents contents;

	return waste->graph->flags[object] & (OBJECT_IMMORTAL | OBJECT_STATIC) ||
	       (waste_read(waste, object, &contents) && contents.is_shared);
}

void copies_weigh(struct waste *waste)
{
	for (uint32_t i = 0; i < waste->graph->object_count; i++) {
		if (waste->first_equal[i] == OBJECT_NONE ||
		    waste->tally[waste->first_equal[i]] < 2 || is_shared(waste, i))
			continue;
		waste->group[i] = COPY;
		holder_weigh(&waste->holders, i, waste_bytes(waste->graph, i));
	}
}

bool copies_group(struct waste *waste)
{
	for (uint32_t i = 0; i < waste->graph->object_count; i++) {
		struct holder holder;

		if (waste->group[i] != COPY)
			continue;
		holder = holder_of(&waste->holders, i);
		waste->group[i] = waste_groups_find(
			&waste->groups,
			waste->kind[i] == CONTENTS_TEXT ? WASTE_EQUAL_TEXT : WASTE_EQUAL_BYTES,
			&holder);
		if (waste->group[i] == GROUP_NONE)
			return false;
	}
	return true;
}

/* How many of a set each group has; the object to keep, or OBJECT_NONE: a shared one is kept. */
static uint32_t count_set(struct waste *waste, uint32_t first)
{
	uint32_t object = first, kept = OBJECT_NONE;
	uint64_t most = 0;
	bool has_shared = false;

	do {
		struct waste_group *group;

		if (waste->group[object] == GROUP_NONE) {
			has_shared = true;
			continue;
		}
		group = &waste->groups.groups.items[waste->group[object]];
		if (group->equal != first) {
			group->equal = first;
			group->equal_first = object;
			group->equal_count = 0;
		}
		if (++group->equal_count > most) {
			most = group->equal_count;
			kept = group->equal_first;
		}
	} while ((object = waste->next_equal[object]) != first);
	return has_shared ? OBJECT_NONE : kept;
}

static void sum_set(struct waste *waste, uint32_t first)
{
	uint32_t kept = count_set(waste, first), object = first;

	do {
		uint64_t bytes = waste_bytes(waste->graph, object);
		struct waste_group *group;

		if (waste->group[object] == GROUP_NONE)
			continue;
		group = &waste->groups.groups.items[waste->group[object]];
		group->objects++;
		group->bytes += bytes;
		group->savings += object == kept ? 0 : (int64_t)bytes;
		if (object != group->equal_first)
			continue;
		group->distinct++;
		waste_group_example(group, object, group->equal_count);
	} while ((object = waste->next_equal[object]) != first);
}

void copies_sum(struct waste *waste)
{
	for (uint32_t i = 0; i < waste->graph->object_count; i++)
		if (waste->first_equal[i] == i && waste->tally[i] > 1)
			sum_set(waste, i);
}
