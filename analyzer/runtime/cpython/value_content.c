#include "runtime/cpython/value_content.h"

#include "base/hash.h"

#define PIECE ((uint64_t)4096)

typedef bool span_fn(struct value_source *source, struct address_range *ret);

struct value_content {
	const char *type_name;
	enum content_kind kind;
	span_fn *span; /* NULL: the text says it all */
};

/*
 * How to add a type: a line.  Only what is the same as long as the object is: a str is, though
 * its cached hash is not part of its value; a list is not.  Names of functions and code can be
 * assigned, which is rare.
 */
static const struct value_content contents[] = {
	{"builtins.str", CONTENT_VALUE, value_str_span},
	{"builtins.bytes", CONTENT_VALUE, value_bytes_span},
	{"builtins.int", CONTENT_VALUE, value_int_span},
	{"builtins.float", CONTENT_VALUE, NULL},
	{"builtins.complex", CONTENT_VALUE, NULL},
	{"builtins.tuple", CONTENT_REFERENCES, NULL},
	{"builtins.frozenset", CONTENT_REFERENCES, NULL},
	{"builtins.method", CONTENT_REFERENCES, NULL},
	{"builtins.slice", CONTENT_REFERENCES, NULL},
	{"builtins.range", CONTENT_REFERENCES, NULL},
	{"builtins.function", CONTENT_VALUE, NULL},
	{"builtins.code", CONTENT_VALUE, NULL},
	{"builtins.frame", CONTENT_VALUE, NULL},
	{"builtins.generator", CONTENT_VALUE, NULL},
	{"builtins.coroutine", CONTENT_VALUE, NULL},
	{"builtins.async_generator", CONTENT_VALUE, NULL},
	{"builtins.builtin_function_or_method", CONTENT_VALUE, NULL},
	{"builtins.method_descriptor", CONTENT_VALUE, NULL},
	{"builtins.wrapper_descriptor", CONTENT_VALUE, NULL},
	{"builtins.getset_descriptor", CONTENT_VALUE, NULL},
	{"builtins.member_descriptor", CONTENT_VALUE, NULL},
};

const struct value_content *value_content_named(const char *type_name)
{
	for (size_t i = 0; i < ARRAY_COUNT(contents); i++)
		if (!strcmp(contents[i].type_name, type_name))
			return &contents[i];
	return NULL;
}

static bool hash_memory(struct value_source *source, struct address_range range, uint64_t *hash)
{
	uint8_t copy[PIECE];

	while (range.start < range.end) {
		uint64_t left = range.end - range.start, size = left < PIECE ? left : PIECE;
		const uint8_t *bytes =
			image_view(source->python->image, range.start, size, &source->hint);
		if (!bytes && !image_read(source->python->image, range.start, copy, size))
			return false;
		*hash = hash_bytes(*hash, bytes ? bytes : copy, size);
		range.start += size;
	}
	return true;
}

enum content_kind value_content(struct value_source *source,
				const struct value_content *content,
				const struct value_form *form, uint64_t *ret)
{
	char text[VALUE_TEXT_SIZE] = "";
	struct address_range range;

	*ret = HASH_START;
	if (content->kind != CONTENT_VALUE)
		return content->kind;
	if (content->span)
		return content->span(source, &range) && hash_memory(source, range, ret)
			       ? CONTENT_VALUE
			       : CONTENT_CHANGES;
	if (!form || !value_format(source, form, text, sizeof(text)))
		return CONTENT_CHANGES;
	*ret = hash_text(*ret, text);
	return CONTENT_VALUE;
}
