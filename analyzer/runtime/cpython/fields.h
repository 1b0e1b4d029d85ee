/*
 * The fields of fields.def by number, and how to read one from bytes of the target.
 */
#ifndef RUNTIME_CPYTHON_FIELDS_H
#define RUNTIME_CPYTHON_FIELDS_H

#include "debuginfo/layout.h"

#include <string.h>

enum field {
#define FIELD(id, structs, paths, required) id,
#include "runtime/cpython/fields.def"
#undef FIELD
	FIELD_COUNT
};

extern const struct field_spec cpython_fields[FIELD_COUNT];

struct fields {
	struct layout_field at[FIELD_COUNT];
};

static inline bool has_field(const struct fields *fields, enum field field)
{
	return fields->at[field].present;
}

static inline uint32_t field_offset(const struct fields *fields, enum field field)
{
	return fields->at[field].offset;
}

/* A pointer-sized word of the target's bytes, which need not be aligned. */
static inline uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* An unsigned field of up to eight bytes, or a bit field, of the struct at bytes. */
static inline uint64_t field_get(const struct fields *fields, const uint8_t *bytes,
				 enum field field)
{
	const struct layout_field *at = &fields->at[field];
	uint64_t value = 0;

	memcpy(&value, bytes + at->offset, at->size < 8 ? at->size : 8);
	if (at->bit_size)
		value = value >> at->bit_offset & ((1ull << at->bit_size) - 1);
	return value;
}

/* The same, for a field that may be negative. */
static inline int64_t field_get_signed(const struct fields *fields, const uint8_t *bytes,
				       enum field field)
{
	uint64_t value = field_get(fields, bytes, field);
	unsigned unused = 64 - 8 * (fields->at[field].size < 8 ? fields->at[field].size : 8);

	return (int64_t)(value << unused) >> unused;
}

#endif
