/*
 * Contents, and the room that containers keep; mirrors Objects/{listobject,setobject}.c.
 *
 *   list       ob_item has `allocated` words; a slice (x[:]) has as many as items
 *   set        a table of mask + 1 entries of 16 bytes; of up to 8 entries it is in the object.
 *              A copy has the least power of two that is more than twice what is in it, and
 *              none of its own where 5 * used < 3 * 7
 *   dict       see dicts.c; one that is filled item by item has the smallest table with room for
 *              them (dict(x) may have the next larger one).  One whose keys are shared, or that is
 *              empty and new, has none of its own
 *   array      an object and its items, without room to spare
 *
 * Strings: see value_text.c for their forms.  An int's digits tell whether it fits 64 bits.
 */
#include "runtime/cpython/contents.h"

#include "runtime/cpython/dicts.h"

#include <stdlib.h>

#define MOST_ITEMS     ((uint64_t)1 << 40)
#define MOST_BASES     100
#define SET_ENTRY      16
#define SET_LEAST      8
#define NUMBER         8         /* bytes of one in an array */
#define USUAL_ARRAY    (64 + 16) /* bytes of an array's object, where the module is not loaded */
#define LONG_TAG_COUNT 3         /* bits of flags below it */
#define INT_BITS       63

struct reading {
	const struct python *python;
	addr_t object;
	size_t hint;
	uint64_t array_size; /* bytes of an array's object */
};

typedef bool read_fn(struct reading *reading, struct contents *ret);

struct contents_form {
	const char *type_name;
	enum contents_kind kind;
	bool inherited; /* instances of classes below it, too */
	read_fn *read;
};

/* The object's bytes up to the end of a field; NULL if they are missing. */
static const uint8_t *view_through(struct reading *reading, enum field field)
{
	const struct layout_field *at = &reading->python->fields.at[field];

	return at->present ? image_view(reading->python->image, reading->object,
					(size_t)at->offset + at->size, &reading->hint)
			   : NULL;
}

static bool view_bytes(struct reading *reading, addr_t address, struct contents *ret)
{
	ret->address = address;
	ret->bytes = ret->size ? image_view(reading->python->image, address, ret->size,
					    &reading->hint)
			       : (const uint8_t *)"";
	return ret->bytes;
}

static bool read_text(struct reading *reading, struct contents *ret)
{
	const struct fields *fields = &reading->python->fields;
	const uint8_t *header = view_through(reading, STR_ASCII_STRUCT);
	uint64_t length;
	addr_t characters;

	if (!header)
		return false;
	length = field_get(fields, header, STR_LENGTH);
	ret->width = (uint32_t)field_get(fields, header, STR_KIND);
	ret->is_shared = field_get(fields, header, STR_INTERNED);
	if (length > MOST_ITEMS || (ret->width != 1 && ret->width != 2 && ret->width != 4))
		return false;
	ret->size = length * ret->width;
	if (field_get(fields, header, STR_COMPACT))
		characters =
			reading->object +
			fields->at[field_get(fields, header, STR_ASCII) ? STR_ASCII_STRUCT
									: STR_COMPACT_STRUCT]
				.size;
	else if (!image_read_u64(reading->python->image,
				 reading->object + field_offset(fields, STR_DATA), &characters))
		return false;
	return view_bytes(reading, characters, ret);
}

static bool read_bytes(struct reading *reading, struct contents *ret)
{
	const struct fields *fields = &reading->python->fields;
	const uint8_t *header = view_through(reading, VAR_SIZE);

	ret->width = 1;
	ret->size = header ? field_get(fields, header, VAR_SIZE) : MOST_ITEMS;
	return ret->size < MOST_ITEMS &&
	       view_bytes(reading, reading->object + field_offset(fields, BYTES_DATA), ret);
}

/* Two digits of 30 bits always fit, and of a third one the three lowest bits. */
static bool read_integer(struct reading *reading, struct contents *ret)
{
	const struct fields *fields = &reading->python->fields;
	bool is_tagged = has_field(fields, LONG_TAG);
	const uint8_t *header = view_through(reading, is_tagged ? LONG_TAG : VAR_SIZE);
	unsigned width = fields->at[LONG_DIGITS].size == 2 ? 2 : 4;
	unsigned bits = width == 2 ? 15 : 30;
	uint64_t count, last = 0;
	int64_t size;

	(void)ret;
	if (!header)
		return false;
	size = field_get_signed(fields, header, VAR_SIZE);
	count = is_tagged  ? field_get(fields, header, LONG_TAG) >> LONG_TAG_COUNT
		: size < 0 ? -(uint64_t)size
			   : (uint64_t)size;
	if (count > MOST_ITEMS)
		return false;
	if (count * bits <= INT_BITS)
		return true;
	return (count - 1) * bits < INT_BITS &&
	       image_read(reading->python->image,
			  reading->object + field_offset(fields, LONG_DIGITS) +
				  (count - 1) * width,
			  &last, width) &&
	       last >> (INT_BITS - (count - 1) * bits) == 0;
}

static bool read_float(struct reading *reading, struct contents *ret)
{
	(void)ret;
	return view_through(reading, FLOAT_VALUE);
}

static bool read_list(struct reading *reading, struct contents *ret)
{
	const struct fields *fields = &reading->python->fields;
	const uint8_t *header = view_through(reading, LIST_ALLOCATED);
	uint64_t allocated = header ? field_get(fields, header, LIST_ALLOCATED) : MOST_ITEMS;

	ret->count = header ? field_get(fields, header, VAR_SIZE) : 0;
	if (allocated >= MOST_ITEMS || ret->count > allocated) /* or while it is sorted */
		return false;
	ret->room = allocated * sizeof(uint64_t);
	ret->fresh = ret->count * sizeof(uint64_t);
	ret->packed = reading->array_size + ret->count * NUMBER;
	return true;
}

static bool read_tuple(struct reading *reading, struct contents *ret)
{
	const uint8_t *header = view_through(reading, VAR_SIZE);

	ret->count =
		header ? field_get(&reading->python->fields, header, VAR_SIZE) : MOST_ITEMS;
	ret->packed = reading->array_size + ret->count * NUMBER;
	return ret->count < MOST_ITEMS;
}

static bool read_mapping(struct reading *reading, struct contents *ret)
{
	const struct python *python = reading->python;
	const uint8_t *header = view_through(reading, DICT_VALUES);
	struct dict_keys keys;
	addr_t table;

	if (!header || !has_field(&python->fields, DICT_USED))
		return false;
	ret->count = field_get(&python->fields, header, DICT_USED);
	table = field_get(&python->fields, header, DICT_KEYS);
	if (!dict_keys_read(python, table, &keys) || ret->count > keys.capacity)
		return false;
	if (field_get(&python->fields, header, DICT_VALUES) || keys.refcount != 1 ||
	    target_module_at(python->target, table))
		return true;
	ret->room = keys.size;
	ret->fresh = dict_keys_fresh_size(python, &keys, ret->count);
	return true;
}

/* As set_merge() and set_table_resize() make it. */
static uint64_t fresh_set_table(uint64_t used)
{
	uint64_t slots = SET_LEAST;

	if (used * 5 < (SET_LEAST - 1) * 3)
		return 0;
	while (slots <= used * 2)
		slots *= 2;
	return slots > SET_LEAST ? slots * SET_ENTRY : 0;
}

static bool read_set(struct reading *reading, struct contents *ret)
{
	const struct fields *fields = &reading->python->fields;
	const uint8_t *header = view_through(reading, SET_SMALLTABLE);
	uint64_t mask;

	if (!header || !has_field(fields, SET_USED))
		return false;
	mask = field_get(fields, header, SET_MASK);
	ret->count = field_get(fields, header, SET_USED);
	if (mask >= MOST_ITEMS || ret->count > mask + 1)
		return false;
	if (field_get(fields, header, SET_TABLE) !=
	    reading->object + field_offset(fields, SET_SMALLTABLE))
		ret->room = (mask + 1) * SET_ENTRY;
	ret->fresh = fresh_set_table(ret->count);
	return true;
}

/* A type's form is its nearest base's.  An OrderedDict's nodes are not read. */
static const struct contents_form forms[] = {
	{"builtins.str", CONTENTS_TEXT, false, read_text},
	{"builtins.int", CONTENTS_INTEGER, false, read_integer},
	{"builtins.tuple", CONTENTS_TUPLE, false, read_tuple},
	{"builtins.dict", CONTENTS_MAPPING, true, read_mapping},
	{"builtins.list", CONTENTS_LIST, true, read_list},
	{"builtins.float", CONTENTS_FLOAT, false, read_float},
	{"builtins.bytes", CONTENTS_BYTES, false, read_bytes},
	{"builtins.set", CONTENTS_SET, true, read_set},
	{"builtins.frozenset", CONTENTS_SET, true, read_set},
	{"builtins.bool", CONTENTS_KINDS, true, NULL},
	{"collections.OrderedDict", CONTENTS_KINDS, true, NULL},
};

struct form_of_type {
	const struct contents_form *form; /* or NULL */
	bool is_plain;
};

struct contents_table {
	struct reading reading;
	size_t count;
	struct form_of_type types[]; /* by number */
};

static const struct contents_form *form_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(forms); i++)
		if (!strcmp(forms[i].type_name, name))
			return &forms[i];
	return NULL;
}

static struct form_of_type form_of(const struct type_table *types, uint32_t type)
{
	struct form_of_type ret = {.is_plain = true};

	for (int depth = 0; type != TYPE_NONE && depth < MOST_BASES; depth++) {
		const struct type_info *info = type_table_get(types, type);

		ret.form = info->is_python ? NULL : form_named(info->name);
		if (ret.form) {
			if (!ret.form->read || !(ret.is_plain || ret.form->inherited))
				ret.form = NULL;
			return ret;
		}
		ret.is_plain = false;
		type = info->base;
	}
	return ret;
}

static uint64_t array_size(const struct type_table *types)
{
	for (uint32_t i = 0; i < type_table_count(types); i++) {
		const struct type_info *info = type_table_get(types, i);

		if (!info->is_python && !strcmp(info->name, "array.array"))
			return info->basicsize + info->prefix;
	}
	return USUAL_ARRAY;
}

struct contents_table *contents_table_create(const struct python *python,
					     const struct type_table *types)
{
	size_t count = type_table_count(types);
	struct contents_table *table =
		calloc(1, sizeof(*table) + count * sizeof(*table->types));

	if (!table)
		return NULL;
	table->reading = (struct reading){.python = python, .array_size = array_size(types)};
	table->count = count;
	for (uint32_t i = 0; i < count; i++)
		table->types[i] = form_of(types, i);
	return table;
}

void contents_table_free(struct contents_table *table)
{
	free(table);
}

bool contents_table_read(struct contents_table *table, uint32_t type, addr_t object,
			 struct contents *ret)
{
	const struct form_of_type *of;

	if (type >= table->count || !table->types[type].form)
		return false;
	of = &table->types[type];
	*ret = (struct contents){.kind = of->form->kind, .is_plain = of->is_plain};
	table->reading.object = object;
	return of->form->read(&table->reading, ret);
}
