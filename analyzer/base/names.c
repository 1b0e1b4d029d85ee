#include "base/names.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/vector.h"

#include <stdlib.h>

struct names {
	struct arena *arena;
	VECTOR_OF(const char *) texts;
	uint32_t *slots; /* open addressing; NAME_NONE is empty */
	size_t slot_count;
};

static uint32_t *slot_of(const struct names *names, const char *text)
{
	size_t at = hash_text(HASH_START, text) & (names->slot_count - 1);

	while (names->slots[at] != NAME_NONE &&
	       strcmp(names->texts.items[names->slots[at]], text))
		at = (at + 1) & (names->slot_count - 1);
	return &names->slots[at];
}

static bool resize(struct names *names, size_t slot_count)
{
	uint32_t *slots = malloc(slot_count * sizeof(*slots));

	if (!slots)
		return false;
	memset(slots, 0xff, slot_count * sizeof(*slots));
	free(names->slots);
	names->slots = slots;
	names->slot_count = slot_count;
	for (uint32_t id = 0; id < names->texts.count; id++)
		*slot_of(names, names->texts.items[id]) = id;
	return true;
}

struct names *names_create(void)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->arena = arena_create();
	if (!names->arena || !resize(names, 256)) {
		names_free(names);
		return NULL;
	}
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	arena_free(names->arena);
	vector_release(&names->texts);
	free(names->slots);
	free(names);
}

uint32_t names_add(struct names *names, const char *text)
{
	uint32_t *slot = slot_of(names, text);
	const char *copy;

	if (*slot != NAME_NONE)
		return *slot;
	if (names->texts.count * 2 >= names->slot_count) {
		if (!resize(names, names->slot_count * 2))
			return NAME_NONE;
		slot = slot_of(names, text);
	}
	copy = arena_string(names->arena, text);
	if (!copy || !vector_push(&names->texts, copy))
		return NAME_NONE;
	return *slot = (uint32_t)(names->texts.count - 1);
}

uint32_t names_count(const struct names *names)
{
	return (uint32_t)names->texts.count;
}

const char *names_get(const struct names *names, uint32_t id)
{
	return names->texts.items[id];
}
