#include "base/address_set.h"

#include "base/search.h"

#include <stdlib.h>

/*
 * A chunk covers 1 MiB: 131072 eight-byte steps, 2048 words of 64 bits.  Every eight words
 * (512 bits) the frozen set keeps how many members come before them.
 */
#define CHUNK_SHIFT   20
#define CHUNK_WORDS   2048
#define WORDS_PER_SUM 8
#define NO_CHUNK      UINT64_MAX

struct chunk {
	uint64_t number; /* address >> CHUNK_SHIFT */
	uint32_t before; /* members in lower chunks */
	uint32_t sums[CHUNK_WORDS / WORDS_PER_SUM];
	uint64_t bits[CHUNK_WORDS];
};

/* The directory: open addressing, at most half full.  A few hundred chunks, so it stays in cache. */
struct directory_entry {
	uint64_t number; /* NO_CHUNK where empty */
	struct chunk *chunk;
};

struct address_set {
	struct directory_entry *directory;
	size_t directory_size;
	size_t chunk_count;
	struct chunk **sorted; /* frozen: by number */
	size_t count;
	bool failed;
};

static struct directory_entry *entry_of(const struct address_set *set, uint64_t number)
{
	size_t mask = set->directory_size - 1;
	size_t at = (number * 0x9E3779B97F4A7C15ull) >> 32 & mask;

	while (set->directory[at].number != number && set->directory[at].number != NO_CHUNK)
		at = (at + 1) & mask;
	return &set->directory[at];
}

static bool directory_resize(struct address_set *set, size_t size)
{
	struct directory_entry *old = set->directory;
	size_t old_size = set->directory_size;
	struct directory_entry *fresh = malloc(size * sizeof(*fresh));

	if (!fresh)
		return false;
	for (size_t i = 0; i < size; i++)
		fresh[i] = (struct directory_entry){.number = NO_CHUNK};
	set->directory = fresh;
	set->directory_size = size;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].number != NO_CHUNK)
			*entry_of(set, old[i].number) = old[i];
	free(old);
	return true;
}

struct address_set *address_set_create(void)
{
	struct address_set *set = calloc(1, sizeof(*set));

	if (set && !directory_resize(set, 1024)) {
		free(set);
		return NULL;
	}
	return set;
}

void address_set_free(struct address_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->directory_size; i++)
		if (set->directory[i].number != NO_CHUNK)
			free(set->directory[i].chunk);
	free(set->directory);
	free(set->sorted);
	free(set);
}

static struct chunk *chunk_of(const struct address_set *set, addr_t address)
{
	struct directory_entry *entry = entry_of(set, address >> CHUNK_SHIFT);

	return entry->number == NO_CHUNK ? NULL : entry->chunk;
}

static struct chunk *chunk_make(struct address_set *set, addr_t address)
{
	struct directory_entry *entry = entry_of(set, address >> CHUNK_SHIFT);
	struct chunk *chunk;

	if (entry->number != NO_CHUNK)
		return entry->chunk;
	if (set->chunk_count * 2 >= set->directory_size) {
		if (!directory_resize(set, set->directory_size * 2))
			return NULL;
		entry = entry_of(set, address >> CHUNK_SHIFT);
	}
	chunk = calloc(1, sizeof(*chunk));
	if (!chunk)
		return NULL;
	chunk->number = address >> CHUNK_SHIFT;
	*entry = (struct directory_entry){.number = chunk->number, .chunk = chunk};
	set->chunk_count++;
	return chunk;
}

static inline uint32_t word_of(addr_t address)
{
	return (uint32_t)(address >> 9) & (CHUNK_WORDS - 1);
}

static inline uint64_t bit_of(addr_t address)
{
	return 1ull << (address >> 3 & 63);
}

bool address_set_add(struct address_set *set, addr_t address)
{
	struct chunk *chunk;

	if (address & 7)
		return false;
	chunk = chunk_make(set, address);
	if (!chunk) {
		set->failed = true;
		return false;
	}
	if (chunk->bits[word_of(address)] & bit_of(address))
		return false;
	chunk->bits[word_of(address)] |= bit_of(address);
	set->count++;
	return true;
}

bool address_set_has(const struct address_set *set, addr_t address)
{
	const struct chunk *chunk = address & 7 ? NULL : chunk_of(set, address);

	return chunk && chunk->bits[word_of(address)] & bit_of(address);
}

bool address_set_failed(const struct address_set *set)
{
	return set->failed;
}

size_t address_set_count(const struct address_set *set)
{
	return set->count;
}

static int compare_chunks(const void *left, const void *right)
{
	uint64_t a = (*(struct chunk *const *)left)->number;
	uint64_t b = (*(struct chunk *const *)right)->number;

	return a < b ? -1 : a > b;
}

static uint32_t sum_chunk(struct chunk *chunk, uint32_t before)
{
	uint32_t sum = before;

	chunk->before = before;
	for (size_t word = 0; word < CHUNK_WORDS; word++) {
		if (word % WORDS_PER_SUM == 0)
			chunk->sums[word / WORDS_PER_SUM] = sum;
		sum += (uint32_t)__builtin_popcountll(chunk->bits[word]);
	}
	return sum;
}

bool address_set_freeze(struct address_set *set)
{
	size_t filled = 0;
	uint32_t sum = 0;

	if (set->failed || set->count >= RANK_NONE)
		return false;
	set->sorted = malloc((set->chunk_count + 1) * sizeof(*set->sorted));
	if (!set->sorted)
		return false;
	for (size_t i = 0; i < set->directory_size; i++)
		if (set->directory[i].number != NO_CHUNK)
			set->sorted[filled++] = set->directory[i].chunk;
	qsort(set->sorted, filled, sizeof(*set->sorted), compare_chunks);
	for (size_t i = 0; i < filled; i++)
		sum = sum_chunk(set->sorted[i], sum);
	return true;
}

uint32_t address_set_rank(const struct address_set *set, addr_t address)
{
	const struct chunk *chunk = address & 7 ? NULL : chunk_of(set, address);
	uint32_t word = word_of(address);
	uint64_t bit = bit_of(address);
	uint32_t rank;

	if (!chunk || !(chunk->bits[word] & bit))
		return RANK_NONE;
	rank = chunk->sums[word / WORDS_PER_SUM];
	for (uint32_t i = word / WORDS_PER_SUM * WORDS_PER_SUM; i < word; i++)
		rank += (uint32_t)__builtin_popcountll(chunk->bits[i]);
	return rank + (uint32_t)__builtin_popcountll(chunk->bits[word] & (bit - 1));
}

void address_set_list(const struct address_set *set, addr_t *ret)
{
	for (size_t i = 0; i < set->chunk_count; i++) {
		const struct chunk *chunk = set->sorted[i];
		addr_t base = chunk->number << CHUNK_SHIFT;

		for (size_t word = 0; word < CHUNK_WORDS; word++)
			for (uint64_t bits = chunk->bits[word]; bits; bits &= bits - 1)
				*ret++ = base + (word << 9) +
					 ((addr_t)__builtin_ctzll(bits) << 3);
	}
}

static bool chunk_floor(const struct chunk *chunk, addr_t address, addr_t *ret)
{
	uint32_t word = word_of(address);
	uint64_t bits = chunk->bits[word] & (bit_of(address) | (bit_of(address) - 1));

	while (!bits && word > 0)
		bits = chunk->bits[--word];
	if (!bits)
		return false;
	*ret = (chunk->number << CHUNK_SHIFT) + ((addr_t)word << 9) +
	       ((addr_t)(63 - __builtin_clzll(bits)) << 3);
	return true;
}

bool address_set_floor(const struct address_set *set, addr_t address, addr_t *ret)
{
	size_t count = count_leading(set->chunk_count, i,
				     set->sorted[i]->number <= address >> CHUNK_SHIFT);

	for (; count > 0; count--) {
		const struct chunk *chunk = set->sorted[count - 1];
		addr_t last = ((chunk->number + 1) << CHUNK_SHIFT) - 1;

		if (chunk_floor(chunk, address < last ? address : last, ret))
			return true;
	}
	return false;
}
