/*
 * Open addressing with linear probing, at most three quarters full.
 */
#include "debuginfo/key_map.h"

#include <stdlib.h>

void key_map_release(struct key_map *map)
{
	free(map->slots);
	*map = (struct key_map){0};
}

static struct key_slot *slot_of(const struct key_map *map, uint64_t key)
{
	size_t index = (size_t)(key ^ key >> 32) & (map->capacity - 1);

	while (map->slots[index].key && map->slots[index].key != key)
		index = (index + 1) & (map->capacity - 1);
	return &map->slots[index];
}

static bool grow(struct key_map *map)
{
	struct key_map larger = {.capacity = map->capacity ? map->capacity * 2 : 256};

	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	if (!larger.slots) {
		map->failed = true;
		return false;
	}
	for (size_t i = 0; i < map->capacity; i++) {
		if (map->slots[i].key)
			*slot_of(&larger, map->slots[i].key) = map->slots[i];
	}
	free(map->slots);
	map->slots = larger.slots;
	map->capacity = larger.capacity;
	return true;
}

uint32_t *key_map_find(const struct key_map *map, uint64_t key)
{
	struct key_slot *slot;

	if (!map->capacity || !key)
		return NULL;
	slot = slot_of(map, key);
	return slot->key ? &slot->value : NULL;
}

uint32_t *key_map_add(struct key_map *map, uint64_t key, uint32_t fresh)
{
	struct key_slot *slot;

	if (map->failed || !key)
		return NULL;
	if (map->count + 1 > map->capacity / 4 * 3 && !grow(map))
		return NULL;
	slot = slot_of(map, key);
	if (!slot->key) {
		*slot = (struct key_slot){.key = key, .value = fresh};
		map->count++;
	}
	return &slot->value;
}

uint64_t key_mix(uint64_t key, uint64_t number)
{
	uint64_t mixed = (key ^ number) * 0x9e3779b97f4a7c15u;

	mixed ^= mixed >> 29;
	mixed = (mixed + number) * 0xbf58476d1ce4e5b9u;
	mixed ^= mixed >> 32;
	return mixed ? mixed : 1;
}

uint64_t key_mix_text(uint64_t key, const char *text)
{
	size_t length = strlen(text);
	uint64_t mixed = key_mix(key, length);

	for (; length >= sizeof(uint64_t); length -= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, text, sizeof(word));
		mixed = key_mix(mixed, word);
		text += sizeof(word);
	}
	for (; length > 0; length--)
		mixed = key_mix(mixed, (uint8_t)*text++);
	return mixed;
}
