/*
 * Formats of values; mirrors Include/cpython/{unicodeobject,longintrepr}.h and the structs of
 * the other types.
 *
 *   str      PyASCIIObject, PyCompactUnicodeObject: characters behind it; else PyUnicodeObject
 *            names their block.  1, 2 or 4 bytes each (state.kind; 0: not ready, up to 3.11)
 *   int      digits of 30 bits in 4 bytes, or of 15 in 2.  How many and the sign: up to 3.11
 *            |ob_size| and its sign; since 3.12 lv_tag >> 3 and lv_tag & 3 == 2
 *   frame    up to 3.10 f_code; since then f_frame names the frame, whose word for the code
 *            has two bits of flags since 3.14
 *
 * How to add a type: a line in `forms`, and if none of the functions fits, one more.
 */
#include "runtime/cpython/values.h"

#include "runtime/cpython/value_content.h"
#include "runtime/cpython/value_numbers.h"

#include <stdlib.h>

#define MOST_ITEMS     ((uint64_t)1 << 40)
#define LONG_TAG_COUNT 3 /* bits of flags below it */
#define LONG_TAG_SIGN  3
#define LONG_NEGATIVE  2
#define REFERENCE_TAG  3 /* 3.14 */
#define MOST_BASES     100
#define LONGEST_C_NAME 256

typedef bool put_fn(struct value_source *source, struct value_text *text, enum field field);

struct value_form {
	const char *type_name;
	put_fn *put;
	enum field field; /* what it reads; FIELD_COUNT: no one field */
};

/* The object's bytes up to the end of a field; NULL if it has none or they are missing. */
static const uint8_t *view_through(struct value_source *source, addr_t object, enum field field)
{
	const struct layout_field *at = &source->python->fields.at[field];

	if (!at->present)
		return NULL;
	return image_view(source->python->image, object, (size_t)at->offset + at->size,
			  &source->hint);
}

static bool read_field(struct value_source *source, addr_t object, enum field field,
		       uint64_t *ret)
{
	const uint8_t *bytes = view_through(source, object, field);

	if (bytes)
		*ret = field_get(&source->python->fields, bytes, field);
	return bytes;
}

static bool find_characters(struct value_source *source, addr_t object, const uint8_t *header,
			    addr_t *ret)
{
	const struct fields *fields = &source->python->fields;

	if (!field_get(fields, header, STR_COMPACT))
		return read_field(source, object, STR_DATA, ret);
	*ret = object + fields->at[field_get(fields, header, STR_ASCII) ? STR_ASCII_STRUCT
									: STR_COMPACT_STRUCT]
				.size;
	return true;
}

static bool put_characters(struct value_text *text, const uint8_t *characters, uint64_t count,
			   size_t width)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t code = 0;

		memcpy(&code, characters + i * width, width);
		if (!value_text_code(text, code))
			return false;
	}
	return true;
}

bool value_str_span(struct value_source *source, struct address_range *ret)
{
	const struct fields *fields = &source->python->fields;
	const uint8_t *header = view_through(source, source->object, STR_ASCII_STRUCT);
	uint64_t length, width;

	if (!header || !find_characters(source, source->object, header, &ret->start))
		return false;
	length = field_get(fields, header, STR_LENGTH);
	width = field_get(fields, header, STR_KIND);
	ret->end = ret->start + length * width;
	return length < MOST_ITEMS && (width == 1 || width == 2 || width == 4);
}

static bool put_str_at(struct value_source *source, struct value_text *text, addr_t object)
{
	const struct fields *fields = &source->python->fields;
	const uint8_t *header = view_through(source, object, STR_ASCII_STRUCT);
	uint64_t length, width;
	addr_t characters;

	if (!header || !find_characters(source, object, header, &characters))
		return false;
	length = field_get(fields, header, STR_LENGTH);
	width = field_get(fields, header, STR_KIND);
	if (width != 1 && width != 2 && width != 4)
		return false;
	if (length > VALUE_LONGEST + 1)
		length = VALUE_LONGEST + 1;
	header = image_view(source->python->image, characters, length * width, &source->hint);
	if (header)
		put_characters(text, header, length, width);
	return header;
}

static bool put_str(struct value_source *source, struct value_text *text, enum field field)
{
	(void)field;
	return put_str_at(source, text, source->object);
}

static bool put_bytes(struct value_source *source, struct value_text *text, enum field field)
{
	uint64_t length;
	const uint8_t *bytes;

	if (!read_field(source, source->object, VAR_SIZE, &length) || length > INT64_MAX)
		return false;
	if (length > VALUE_LONGEST + 1)
		length = VALUE_LONGEST + 1;
	bytes = image_view(source->python->image,
			   source->object + field_offset(&source->python->fields, field),
			   length, &source->hint);
	if (!bytes)
		return false;
	value_text_ascii(text, "b'");
	for (uint64_t i = 0; i < length && value_text_byte(text, bytes[i]); i++)
		;
	value_text_ascii(text, "'");
	return true;
}

bool value_bytes_span(struct value_source *source, struct address_range *ret)
{
	uint64_t length;

	if (!read_field(source, source->object, VAR_SIZE, &length))
		return false;
	ret->start = source->object + field_offset(&source->python->fields, BYTES_DATA);
	ret->end = ret->start + length;
	return length < MOST_ITEMS;
}

/* Count of digits and sign. */
static bool read_int_header(struct value_source *source, struct int_digits *ret)
{
	const struct fields *fields = &source->python->fields;
	bool tagged = has_field(fields, LONG_TAG);
	uint64_t word;

	if (!read_field(source, source->object, tagged ? LONG_TAG : VAR_SIZE, &word))
		return false;
	ret->negative = tagged ? (word & LONG_TAG_SIGN) == LONG_NEGATIVE : word > INT64_MAX;
	if (tagged)
		ret->count = word >> LONG_TAG_COUNT;
	else
		ret->count = ret->negative ? -word : word;
	ret->width = fields->at[LONG_DIGITS].size == 2 ? 2 : 4;
	ret->bits = ret->width == 2 ? 15 : 30;
	return ret->count < MOST_ITEMS;
}

bool value_int_span(struct value_source *source, struct address_range *ret)
{
	const struct fields *fields = &source->python->fields;
	struct int_digits digits;

	if (!read_int_header(source, &digits))
		return false;
	/* The sign is in the word before the digits. */
	ret->start = source->object +
		     field_offset(fields, has_field(fields, LONG_TAG) ? LONG_TAG : VAR_SIZE);
	ret->end = source->object + field_offset(fields, LONG_DIGITS) +
		   digits.count * digits.width;
	return true;
}

static uint64_t bit_length(struct value_source *source, const struct int_digits *digits,
			   addr_t address)
{
	const uint8_t *last =
		image_view(source->python->image, address + (digits->count - 1) * digits->width,
			   digits->width, &source->hint);
	uint32_t digit = 0;

	if (!last)
		return 0;
	memcpy(&digit, last, digits->width);
	return digit ? digits->count * digits->bits + 32 - digits->bits -
			       (uint64_t)__builtin_clz(digit)
		     : 0;
}

static bool put_large_int(struct value_text *text, uint64_t bits)
{
	value_text_ascii(text, "int of ");
	value_text_integer(text, bits);
	return value_text_ascii(text, " bits");
}

static bool put_int(struct value_source *source, struct value_text *text, enum field field)
{
	addr_t address = source->object + field_offset(&source->python->fields, field);
	struct int_digits digits;
	uint64_t bits;

	if (!read_int_header(source, &digits))
		return false;
	if (!digits.count)
		return value_text_ascii(text, "0");
	bits = bit_length(source, &digits, address);
	if (!bits)
		return false;
	if (bits > VALUE_LONGEST_INTEGER)
		return put_large_int(text, bits);
	digits.bytes = image_view(source->python->image, address, digits.count * digits.width,
				  &source->hint);
	return digits.bytes && value_put_decimal(text, &digits);
}

static bool put_bool(struct value_source *source, struct value_text *text, enum field field)
{
	struct int_digits digits;

	(void)field;
	return read_int_header(source, &digits) &&
	       value_text_ascii(text, digits.count ? "True" : "False");
}

static bool put_float(struct value_source *source, struct value_text *text, enum field field)
{
	const uint8_t *bytes = view_through(source, source->object, field);
	double value;

	if (!bytes || source->python->fields.at[field].size < sizeof(value))
		return false;
	memcpy(&value, bytes + field_offset(&source->python->fields, field), sizeof(value));
	return value_put_double(text, value);
}

static bool put_complex(struct value_source *source, struct value_text *text, enum field field)
{
	const uint8_t *bytes = view_through(source, source->object, field);
	double parts[2];

	if (!bytes || source->python->fields.at[field].size < sizeof(parts))
		return false;
	memcpy(parts, bytes + field_offset(&source->python->fields, field), sizeof(parts));
	return value_put_complex(text, parts[0], parts[1]);
}

static bool put_none(struct value_source *source, struct value_text *text, enum field field)
{
	(void)source, (void)field;
	return value_text_ascii(text, "None");
}

static bool put_length(struct value_source *source, struct value_text *text, enum field field)
{
	uint64_t length;

	return read_field(source, source->object, field, &length) && length < MOST_ITEMS &&
	       value_text_ascii(text, "len ") && value_text_integer(text, length);
}

/* A field that refers to a str. */
static bool put_name(struct value_source *source, struct value_text *text, enum field field)
{
	addr_t name;

	return read_field(source, source->object, field, &name) && name &&
	       put_str_at(source, text, name);
}

static bool put_class(struct value_source *source, struct value_text *text, enum field field)
{
	uint32_t type =
		source->types ? type_table_known(source->types, source->object) : TYPE_NONE;

	(void)field;
	if (type == TYPE_NONE)
		return false;
	value_text_utf8(text, type_table_get(source->types, type)->name);
	return true;
}

static bool put_frame(struct value_source *source, struct value_text *text, enum field field)
{
	addr_t frame = source->object, code, name;

	if (has_field(&source->python->fields, FRAME_FRAME)) {
		field = IFRAME_CODE;
		if (!read_field(source, source->object, FRAME_FRAME, &frame))
			return false;
	}
	return read_field(source, frame, field, &code) &&
	       read_field(source, code & ~(addr_t)REFERENCE_TAG, CODE_NAME, &name) &&
	       put_str_at(source, text, name);
}

/* A function of C: the name in its PyMethodDef. */
static bool put_c_name(struct value_source *source, struct value_text *text, enum field field)
{
	char name[LONGEST_C_NAME];
	addr_t definition, address;

	if (!read_field(source, source->object, field, &definition) ||
	    !read_field(source, definition, METHODDEF_NAME, &address) ||
	    !image_read_string(source->python->image, address, name, sizeof(name)))
		return false;
	value_text_utf8(text, name);
	return name[0];
}

/* A type's form is its own or its nearest base's: bool before int. */
static const struct value_form forms[] = {
	{"builtins.str", put_str, FIELD_COUNT},
	{"builtins.int", put_int, LONG_DIGITS},
	{"builtins.dict", put_length, DICT_USED},
	{"builtins.list", put_length, VAR_SIZE},
	{"builtins.tuple", put_length, VAR_SIZE},
	{"builtins.float", put_float, FLOAT_VALUE},
	{"builtins.bytes", put_bytes, BYTES_DATA},
	{"builtins.bool", put_bool, FIELD_COUNT},
	{"builtins.NoneType", put_none, FIELD_COUNT},
	{"builtins.complex", put_complex, COMPLEX_VALUE},
	{"builtins.set", put_length, SET_USED},
	{"builtins.frozenset", put_length, SET_USED},
	{"builtins.bytearray", put_length, VAR_SIZE},
	{"collections.deque", put_length, VAR_SIZE},
	{"array.array", put_length, VAR_SIZE},
	{"builtins.type", put_class, FIELD_COUNT},
	{"builtins.function", put_name, FUNCTION_QUALNAME},
	{"builtins.code", put_name, CODE_NAME},
	{"builtins.module", put_name, MODULE_NAME},
	{"builtins.frame", put_frame, FRAME_CODE},
	{"builtins.generator", put_name, GENERATOR_QUALNAME},
	{"builtins.coroutine", put_name, GENERATOR_QUALNAME},
	{"builtins.async_generator", put_name, GENERATOR_QUALNAME},
	{"builtins.builtin_function_or_method", put_c_name, CFUNCTION_METHOD},
	{"builtins.method_descriptor", put_name, DESCRIPTOR_NAME},
	{"builtins.classmethod_descriptor", put_name, DESCRIPTOR_NAME},
	{"builtins.wrapper_descriptor", put_name, DESCRIPTOR_NAME},
	{"builtins.getset_descriptor", put_name, DESCRIPTOR_NAME},
	{"builtins.member_descriptor", put_name, DESCRIPTOR_NAME},
};

const struct value_form *value_form_named(const char *type_name)
{
	for (size_t i = 0; i < ARRAY_COUNT(forms); i++)
		if (!strcmp(forms[i].type_name, type_name))
			return &forms[i];
	return NULL;
}

bool value_format(struct value_source *source, const struct value_form *form, char *ret,
		  size_t size)
{
	struct value_text text;

	value_text_begin(&text, ret, size);
	return form->put(source, &text, form->field);
}

struct value_kind {
	const struct value_form *form;
	const struct value_content *content;
};

struct value_table {
	struct value_source source;
	size_t count;
	struct value_kind kinds[]; /* by number of type */
};

static struct value_kind kind_of(const struct type_table *types, uint32_t type)
{
	struct value_kind kind = {NULL, NULL};

	for (int depth = 0; type != TYPE_NONE && depth < MOST_BASES; depth++) {
		const struct type_info *info = type_table_get(types, type);

		if (!info->is_python && !kind.form)
			kind.form = value_form_named(info->name);
		if (!info->is_python && !kind.content)
			kind.content = value_content_named(info->name);
		type = info->base;
	}
	return kind;
}

struct value_table *value_table_create(const struct python *python,
				       const struct type_table *types)
{
	size_t count = type_table_count(types);
	struct value_table *table = calloc(1, sizeof(*table) + count * sizeof(*table->kinds));

	if (!table)
		return NULL;
	table->source = (struct value_source){.python = python, .types = types};
	table->count = count;
	for (uint32_t i = 0; i < count; i++)
		table->kinds[i] = kind_of(types, i);
	return table;
}

void value_table_free(struct value_table *table)
{
	free(table);
}

bool value_table_format(struct value_table *table, uint32_t type, addr_t object, char *ret,
			size_t size)
{
	if (type >= table->count || !table->kinds[type].form)
		return false;
	table->source.object = object;
	return value_format(&table->source, table->kinds[type].form, ret, size);
}

enum content_kind value_table_content(struct value_table *table, uint32_t type, addr_t object,
				      uint64_t *ret)
{
	if (type >= table->count || !table->kinds[type].content)
		return CONTENT_CHANGES;
	table->source.object = object;
	return value_content(&table->source, table->kinds[type].content,
			     table->kinds[type].form, ret);
}
