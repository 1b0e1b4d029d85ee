/*
 * A number for a sequence of words, the same in every run: for telling contents apart, not for
 * anyone who would make two alike on purpose.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/types.h"

#include <string.h>

#define HASH_START 0x9e3779b97f4a7c15u

/* The number of what `hash` stands for with a word more. */
static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 32;
}

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t word;

	for (; size >= sizeof(word); at += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = hash_word(hash, word);
	}
	word = 0;
	memcpy(&word, at, size);
	return hash_word(hash, word ^ (uint64_t)size << 56);
}

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text));
}

#endif
