#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define LAST_CHARACTER 0x10ffffu
#define CONTINUATION   0x80u

static int is_surrogate(uint32_t code)
{
	return code >= 0xd800 && code <= 0xdfff;
}

size_t utf8_encode(uint32_t code, char *ret)
{
	if (code > LAST_CHARACTER || is_surrogate(code))
		code = UTF8_REPLACEMENT;
	if (code < 0x80) {
		ret[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		ret[0] = (char)(0xc0 | code >> 6);
		ret[1] = (char)(CONTINUATION | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		ret[0] = (char)(0xe0 | code >> 12);
		ret[1] = (char)(CONTINUATION | (code >> 6 & 0x3f));
		ret[2] = (char)(CONTINUATION | (code & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | code >> 18);
	ret[1] = (char)(CONTINUATION | (code >> 12 & 0x3f));
	ret[2] = (char)(CONTINUATION | (code >> 6 & 0x3f));
	ret[3] = (char)(CONTINUATION | (code & 0x3f));
	return 4;
}

/* Bytes of the character at text; 0: it is none, or longer than it need be. */
static size_t character_length(const uint8_t *text)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = text[0] < 0x80         ? 1
			: text[0] >> 5 == 0x06 ? 2
			: text[0] >> 4 == 0x0e ? 3
			: text[0] >> 3 == 0x1e ? 4
					       : 0;
	uint32_t code = length > 1 ? text[0] & (0x7fu >> length) : text[0];

	for (size_t i = 1; i < length; i++) {
		if (text[i] >> 6 != CONTINUATION >> 6)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code > LAST_CHARACTER || is_surrogate(code) || code < lowest[length] ? 0
										    : length;
}

size_t utf8_valid_length(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t length;

	while (*at) {
		if (*at < 0x80) {
			at++;
			continue;
		}
		length = character_length(at);
		if (!length)
			break;
		at += length;
	}
	return (size_t)(at - (const uint8_t *)text);
}

char *utf8_repaired(const char *text)
{
	char *copy = malloc(strlen(text) * 3 + 1);
	size_t filled = 0;

	if (!copy)
		return NULL;
	for (;;) {
		size_t length = utf8_valid_length(text);

		memcpy(copy + filled, text, length);
		filled += length;
		text += length;
		if (!*text)
			break;
		filled += utf8_encode(UTF8_REPLACEMENT, copy + filled);
		text++;
	}
	copy[filled] = '\0';
	return copy;
}
