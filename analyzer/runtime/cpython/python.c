#include "runtime/cpython/python.h"

#include "base/utf8.h"

#include <stdlib.h>

/* Strings are names here: longer ones are cut. */
#define LONGEST_STRING 4096

static void transcode(const uint8_t *bytes, size_t length, size_t width, char *ret, size_t size)
{
	size_t filled = 0;

	for (size_t i = 0; i < length && filled + 5 <= size; i++) {
		uint32_t code = 0;

		memcpy(&code, bytes + i * width, width);
		filled += utf8_encode(code ? code : UTF8_REPLACEMENT, ret + filled);
	}
	ret[filled] = '\0';
}

/* Where a string's characters stand: behind the header, or (subclasses) in a block. */
static bool find_characters(const struct python *python, addr_t object, const uint8_t *header,
			    addr_t *ret)
{
	const struct fields *fields = &python->fields;

	if (field_get(fields, header, STR_COMPACT)) {
		*ret = object + python_struct_size(python, field_get(fields, header, STR_ASCII)
								   ? "PyASCIIObject"
								   : "PyCompactUnicodeObject");
		return true;
	}
	return image_read_u64(python->image, object + field_offset(fields, STR_DATA), ret);
}

static bool is_string(const struct python *python, const uint8_t *header)
{
	const struct fields *fields = &python->fields;
	uint64_t flags;

	return image_read_u64(python->image,
			      field_get(fields, header, OBJECT_TYPE) +
				      field_offset(fields, TYPE_FLAGS),
			      &flags) &&
	       flags & FLAG_UNICODE;
}

bool python_string(const struct python *python, addr_t object, char *ret, size_t size)
{
	const struct fields *fields = &python->fields;
	size_t hint = 0;
	const uint8_t *header = image_view(python->image, object,
					   python_struct_size(python, "PyASCIIObject"), &hint);
	const uint8_t *bytes;
	uint64_t length, width;
	addr_t characters;

	ret[0] = '\0';
	if (!header || !is_string(python, header) ||
	    !find_characters(python, object, header, &characters))
		return false;
	length = field_get(fields, header, STR_LENGTH);
	width = field_get(fields, header, STR_KIND);
	if (length > LONGEST_STRING)
		length = LONGEST_STRING;
	if (width != 1 && width != 2 && width != 4)
		return false;
	if (!length)
		return true;
	bytes = image_view(python->image, characters, length * width, &hint);
	if (!bytes)
		return false;
	transcode(bytes, length, width, ret, size);
	return true;
}

uint32_t python_struct(const struct python *python, const char *name)
{
	return debug_type_named(python->debug, name);
}

uint64_t python_struct_size(const struct python *python, const char *name)
{
	uint32_t type = python_struct(python, name);

	return type == DEBUG_NONE ? 0 : debug_type(python->debug, type)->size;
}

/* CPython's own list begins with the youngest; the main one is somewhere in it. */
addr_t python_next_interpreter(const struct python *python, addr_t interpreter)
{
	const struct fields *fields = &python->fields;
	addr_t next = 0;
	addr_t link = interpreter == python->interpreter
			      ? python->runtime + field_offset(fields, RUNTIME_HEAD)
			      : interpreter + field_offset(fields, INTERPRETER_NEXT);

	if (image_read_u64(python->image, link, &next) && next == python->interpreter &&
	    !image_read_u64(python->image, next + field_offset(fields, INTERPRETER_NEXT),
			    &next))
		next = 0;
	return next;
}
