/*
 * objects.value: what an object is, as a short text.  The forms are told in schema/tables.sql.
 * Reads only the object and what it names; every length in it is bounded.
 */
#ifndef RUNTIME_CPYTHON_VALUES_H
#define RUNTIME_CPYTHON_VALUES_H

#include "runtime/cpython/types.h"

/* How the values of a type's instances are written; of a static or a C heap type. */
struct value_form;
/* By the type's own name, "builtins.int"; NULL: its instances have no value. */
const struct value_form *value_form_named(const char *type_name);

struct value_source {
	const struct python *python;
	const struct type_table *types; /* names of classes; NULL: none are known */
	addr_t object;
	size_t hint;
};

/* False: it has no value, or what it needs is missing or makes no sense.  Bytes of ret: at
 * most `size`, which VALUE_TEXT_SIZE always suffices for. */
bool value_format(struct value_source *source, const struct value_form *form, char *ret,
		  size_t size);

/* Where the whole value of a str, a bytes or an int stands; false where it makes no sense. */
bool value_str_span(struct value_source *source, struct address_range *ret);
bool value_bytes_span(struct value_source *source, struct address_range *ret);
bool value_int_span(struct value_source *source, struct address_range *ret);

/* The same by the number of a type: forms are found once, bases included. */
struct value_table;
struct value_table *value_table_create(const struct python *python,
				       const struct type_table *types);
void value_table_free(struct value_table *table);
bool value_table_format(struct value_table *table, uint32_t type, addr_t object, char *ret,
			size_t size);
/* As runtime_ops.content. */
enum content_kind value_table_content(struct value_table *table, uint32_t type, addr_t object,
				      uint64_t *ret);

#endif
