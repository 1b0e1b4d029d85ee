/*
 * Dict key tables and what stands in them, over all versions' layouts.
 */
#ifndef RUNTIME_CPYTHON_DICTS_H
#define RUNTIME_CPYTHON_DICTS_H

#include "runtime/cpython/python.h"

/* A PyDictKeysObject, decoded. */
struct dict_keys {
	addr_t address;
	uint64_t size; /* bytes of the whole table */
	uint64_t refcount;
	uint64_t entry_count;   /* entries used so far, holes included */
	uint64_t usable;        /* entries that may still be added */
	uint64_t capacity;      /* entries there is room for */
	const uint8_t *entries; /* [entry_count * entry_size], mapped */
	addr_t entries_address;
	uint32_t entry_size; /* 24 with a hash, 16 without */
	bool all_str;        /* keys are all exact str: tp_traverse leaves them out */
};

/* False if it is not in the dump or makes no sense. */
bool dict_keys_read(const struct python *python, addr_t address, struct dict_keys *ret);

/* Bytes of a table that is made for as many entries as this one has; none for no entries. */
uint64_t dict_keys_fresh_size(const struct python *python, const struct dict_keys *keys,
			      uint64_t used);

static inline addr_t dict_entry_key(const struct dict_keys *keys, uint64_t index)
{
	return word_at(keys->entries + index * keys->entry_size + keys->entry_size - 16);
}

static inline addr_t dict_entry_value(const struct dict_keys *keys, uint64_t index)
{
	return word_at(keys->entries + index * keys->entry_size + keys->entry_size - 8);
}

/*
 * The values of a split table or of an instance (PyDictValues).  Block and size are of the
 * memory they stand in: 3.11 and later keep a prefix before the values.
 */
struct dict_values {
	addr_t block;
	uint64_t size;         /* bytes of the block in use */
	const uint8_t *values; /* [count * 8], mapped */
	uint64_t count;
	bool embedded; /* within the instance: no block of their own (3.13) */
};
bool dict_values_read(const struct python *python, addr_t address, const struct dict_keys *keys,
		      struct dict_values *ret);

/* The value of a str key, by looking at every entry; false if there is none. */
bool dict_find(const struct python *python, addr_t dict, const char *key, addr_t *ret);

#endif
