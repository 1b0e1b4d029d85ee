/*
 * PyDictKeysObject; mirrors Objects/dictobject.c and Include/internal/pycore_dict.h.
 *
 *            up to 3.10                     since 3.11
 *   hash table   dk_indices, dk_size entries    dk_indices, 1 << dk_log2_index_bytes bytes
 *                of 1, 2, 4 or 8 bytes
 *   entries      behind it: hash, key, value    the same, or key, value where dk_kind != 0
 *   room for     dk_size * 2 / 3                (1 << dk_log2_size) * 2 / 3
 *
 * PyDictValues: up to 3.10 an array of pointers.  3.11 and 3.12: the pointer is to the first
 * value, and the byte before it is the size of the prefix that the block begins with.  3.13:
 * a struct with the values in it.
 */
#include "runtime/cpython/dicts.h"

#define LARGEST_LOG2 40
#define LEAST_SLOTS  8 /* of a table with entries */

static uint64_t room_for(uint64_t slots)
{
	return slots * 2 / 3;
}

/* Bytes of each of the indices of a table with that many slots. */
static uint64_t index_size(uint64_t slots)
{
	return slots <= 0xff ? 1 : slots <= 0xffff ? 2 : slots <= 0xffffffff ? 4 : 8;
}

static bool locate_entries_by_log2(const struct fields *fields, const uint8_t *header,
				   struct dict_keys *ret, uint64_t *ret_index_bytes)
{
	uint64_t log2_size = field_get(fields, header, KEYS_LOG2_SIZE);
	uint64_t log2_bytes = field_get(fields, header, KEYS_LOG2_INDEX_BYTES);

	if (log2_size > LARGEST_LOG2 || log2_bytes > LARGEST_LOG2)
		return false;
	ret->all_str = field_get(fields, header, KEYS_KIND) != 0;
	ret->entry_size = ret->all_str ? 16 : 24;
	ret->capacity = room_for(1ull << log2_size);
	*ret_index_bytes = 1ull << log2_bytes;
	return true;
}

static bool locate_entries_by_size(const struct python *python, const uint8_t *header,
				   struct dict_keys *ret, uint64_t *ret_index_bytes)
{
	uint64_t size = field_get(&python->fields, header, KEYS_SIZE);
	uint64_t lookup = field_get(&python->fields, header, KEYS_LOOKUP);
	addr_t general;

	if (size > 1ull << LARGEST_LOG2 || size & (size - 1))
		return false;
	/* Only the general lookup function's tables have keys that are no str. */
	ret->all_str = !module_symbol(python->target, python->module, "lookdict", &general) ||
		       lookup != general;
	ret->entry_size = 24;
	ret->capacity = room_for(size);
	*ret_index_bytes = size * index_size(size);
	return true;
}

uint64_t dict_keys_fresh_size(const struct python *python, const struct dict_keys *keys,
			      uint64_t used)
{
	uint64_t slots = LEAST_SLOTS;

	if (!used)
		return 0;
	while (room_for(slots) < used)
		slots *= 2;
	return field_offset(&python->fields, KEYS_INDICES) + slots * index_size(slots) +
	       room_for(slots) * keys->entry_size;
}

bool dict_keys_read(const struct python *python, addr_t address, struct dict_keys *ret)
{
	const struct fields *fields = &python->fields;
	uint32_t indices = field_offset(fields, KEYS_INDICES);
	uint64_t index_bytes;
	size_t hint = 0;
	const uint8_t *header = image_view(python->image, address, indices, &hint);

	if (!header)
		return false;
	*ret = (struct dict_keys){.address = address,
				  .refcount = field_get(fields, header, KEYS_REFCNT),
				  .entry_count = field_get(fields, header, KEYS_ENTRIES),
				  .usable = field_get(fields, header, KEYS_USABLE)};
	if (has_field(fields, KEYS_LOG2_INDEX_BYTES)
		    ? !locate_entries_by_log2(fields, header, ret, &index_bytes)
		    : !locate_entries_by_size(python, header, ret, &index_bytes))
		return false;
	if (ret->entry_count > ret->capacity || ret->usable > ret->capacity)
		return false;
	ret->entries_address = address + indices + index_bytes;
	ret->size = indices + index_bytes + ret->capacity * ret->entry_size;
	ret->entries = ret->entry_count ? image_view(python->image, ret->entries_address,
						     ret->entry_count * ret->entry_size, &hint)
					: header;
	return ret->entries;
}

/* 3.13: { capacity, size, embedded, valid, values[] }. */
static bool read_values_struct(const struct python *python, addr_t address,
			       struct dict_values *ret, size_t *hint)
{
	const struct fields *fields = &python->fields;
	uint32_t offset = field_offset(fields, VALUES_VALUES);
	const uint8_t *header = image_view(python->image, address, offset, hint);
	uint64_t capacity;

	if (!header)
		return false;
	capacity = field_get(fields, header, VALUES_CAPACITY);
	ret->block = address;
	ret->embedded = field_get(fields, header, VALUES_EMBEDDED);
	ret->count = ret->count < capacity ? ret->count : capacity;
	/* The values are followed by a byte each for the order of insertion, rounded up. */
	ret->size = offset + capacity * 8 + ((capacity + 7) & ~7ull);
	ret->values = image_view(python->image, address + offset, ret->count * 8, hint);
	return ret->values;
}

bool dict_values_read(const struct python *python, addr_t address, const struct dict_keys *keys,
		      struct dict_values *ret)
{
	size_t hint = 0;
	uint8_t prefix = 0;

	*ret = (struct dict_values){.count = keys->entry_count};
	if (has_field(&python->fields, VALUES_CAPACITY))
		return read_values_struct(python, address, ret, &hint);
	if (has_field(&python->fields, VALUES_VALUES) &&
	    !image_read_u8(python->image, address - 1, &prefix))
		return false;
	/* There was room for the keys at the time; each instance made since took one away. */
	ret->block = address - prefix;
	ret->size = prefix + (keys->entry_count + keys->usable) * 8;
	ret->values =
		image_view(python->image, address, (ret->count ? ret->count : 1) * 8, &hint);
	return ret->values;
}

bool dict_find(const struct python *python, addr_t dict, const char *key, addr_t *ret)
{
	const struct fields *fields = &python->fields;
	struct dict_keys keys;
	struct dict_values split = {.values = NULL};
	addr_t address, values;
	char name[256];

	if (!dict ||
	    !image_read_u64(python->image, dict + field_offset(fields, DICT_KEYS), &address) ||
	    !image_read_u64(python->image, dict + field_offset(fields, DICT_VALUES), &values) ||
	    !dict_keys_read(python, address, &keys) ||
	    (values && !dict_values_read(python, values, &keys, &split)))
		return false;
	for (uint64_t i = 0; i < keys.entry_count; i++) {
		addr_t candidate = dict_entry_key(&keys, i);

		if (!candidate || !python_string(python, candidate, name, sizeof(name)) ||
		    strcmp(name, key))
			continue;
		*ret = split.values ? word_at(split.values + i * 8)
				    : dict_entry_value(&keys, i);
		return *ret;
	}
	return false;
}
