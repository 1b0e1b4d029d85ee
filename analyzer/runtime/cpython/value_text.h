/*
 * The short text of a value while it is put together.  It grows by elements (a character, an
 * escape, a bracket), of which none is ever cut in two: what does not fit is replaced by one
 * "…", and the text is full.
 */
#ifndef RUNTIME_CPYTHON_VALUE_TEXT_H
#define RUNTIME_CPYTHON_VALUE_TEXT_H

#include "base/types.h"

#include <stdbool.h>
#include <stddef.h>

#define VALUE_LONGEST 80 /* characters, the "…" included */

struct value_text {
	char *bytes; /* [size], UTF-8 with a NUL at the end */
	size_t size;
	size_t filled;
	size_t mark; /* bytes of the longest part that leaves room for "…" */
	unsigned characters;
	bool full;
};

/* size: at least VALUE_TEXT_SIZE of runtime.h, or the text is cut sooner. */
void value_text_begin(struct value_text *text, char *ret, size_t size);

/* All of these return false once the text is full. */
bool value_text_element(struct value_text *text, const char *element, size_t length,
			unsigned characters);
/* Each character an element. */
bool value_text_ascii(struct value_text *text, const char *ascii);
/* A code point, escaped as repr() would where it cannot be printed; quotes stay as they are. */
bool value_text_code(struct value_text *text, uint32_t code);
/* A byte of bytes, between single quotes. */
bool value_text_byte(struct value_text *text, uint8_t byte);
/* Code points of UTF-8; what is none is taken for Latin-1. */
bool value_text_utf8(struct value_text *text, const char *utf8);
bool value_text_integer(struct value_text *text, uint64_t integer);

#endif
