/*
 * A hash table from 64-bit keys to 32-bit values.  Keys are hashes already (key_mix() makes
 * one of several numbers); two things of the same key are the same thing to it.
 */
#ifndef DEBUGINFO_KEY_MAP_H
#define DEBUGINFO_KEY_MAP_H

#include "base/types.h"

struct key_slot {
	uint64_t key; /* 0: empty */
	uint32_t value;
};

/* A zeroed one is empty and ready. */
struct key_map {
	struct key_slot *slots;
	size_t count;
	size_t capacity; /* a power of two, or 0 */
	bool failed;     /* memory ran out, for good: nothing more is added */
};

void key_map_release(struct key_map *map);

/* The value's place, for reading and writing; NULL if the key is not there. */
uint32_t *key_map_find(const struct key_map *map, uint64_t key);
/* Also adds the key, with `fresh` as its value.  NULL when out of memory. */
uint32_t *key_map_add(struct key_map *map, uint64_t key, uint32_t fresh);

/* Mixes one more number into a key.  Never 0. */
uint64_t key_mix(uint64_t key, uint64_t number);
uint64_t key_mix_text(uint64_t key, const char *text);

#endif
