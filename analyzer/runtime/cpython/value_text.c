#include "runtime/cpython/value_text.h"

#include "base/utf8.h"
#include "runtime/cpython/python.h"

#include <inttypes.h>
#include <stdio.h>

static const char ellipsis[] = "…";

/*
 * What str.isprintable() denies, but for code points that no version of Unicode had assigned:
 * separators other than the space, control and format characters, surrogates, private use.
 */
static const struct code_range {
	uint32_t first, last;
} unprintable[] = {
	{0x00, 0x1f},       {0x7f, 0xa0},          {0xad, 0xad},       {0x600, 0x605},
	{0x61c, 0x61c},     {0x6dd, 0x6dd},        {0x70f, 0x70f},     {0x890, 0x891},
	{0x8e2, 0x8e2},     {0x1680, 0x1680},      {0x180e, 0x180e},   {0x2000, 0x200f},
	{0x2028, 0x202f},   {0x205f, 0x206f},      {0x3000, 0x3000},   {0xd800, 0xf8ff},
	{0xfeff, 0xfeff},   {0xfff9, 0xfffb},      {0xfffe, 0xffff},   {0x110bd, 0x110bd},
	{0x110cd, 0x110cd}, {0x13430, 0x1343f},    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
	{0xe0000, 0xe007f}, {0xf0000, UINT32_MAX},
};

static bool is_printable(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_COUNT(unprintable) && unprintable[i].first <= code; i++)
		if (code <= unprintable[i].last)
			return false;
	return true;
}

void value_text_begin(struct value_text *text, char *ret, size_t size)
{
	*text = (struct value_text){.bytes = ret, .size = size};
	ret[0] = '\0';
}

static void cut(struct value_text *text)
{
	text->full = true;
	if (text->mark + sizeof(ellipsis) > text->size)
		return;
	memcpy(text->bytes + text->mark, ellipsis, sizeof(ellipsis));
	text->filled = text->mark + sizeof(ellipsis) - 1;
}

bool value_text_element(struct value_text *text, const char *element, size_t length,
			unsigned characters)
{
	if (text->full)
		return false;
	if (text->characters + characters > VALUE_LONGEST ||
	    text->filled + length + sizeof(ellipsis) > text->size) {
		cut(text);
		return false;
	}
	memcpy(text->bytes + text->filled, element, length);
	text->filled += length;
	text->bytes[text->filled] = '\0';
	text->characters += characters;
	if (text->characters < VALUE_LONGEST)
		text->mark = text->filled;
	return true;
}

bool value_text_ascii(struct value_text *text, const char *ascii)
{
	for (; *ascii; ascii++)
		if (!value_text_element(text, ascii, 1, 1))
			return false;
	return !text->full;
}

/* \xNN, \uNNNN, \UNNNNNNNN; the length of it. */
static size_t escape_in_hex(uint32_t code, char *ret)
{
	static const char hex[] = "0123456789abcdef";
	unsigned digits = code <= 0xff ? 2 : code <= 0xffff ? 4 : 8;

	ret[0] = '\\';
	ret[1] = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
	for (unsigned i = 0; i < digits; i++)
		ret[2 + i] = hex[code >> 4 * (digits - 1 - i) & 15];
	return digits + 2;
}

static size_t escape(uint32_t code, char *ret)
{
	static const char named[] = "\\\\\nn\rr\tt"; /* pairs */

	for (size_t i = 0; i + 1 < sizeof(named); i += 2)
		if ((uint32_t)named[i] == code) {
			ret[0] = '\\';
			ret[1] = named[i + 1];
			return 2;
		}
	return escape_in_hex(code, ret);
}

static bool put_escape(struct value_text *text, uint32_t code)
{
	char element[16];
	size_t length = escape(code, element);

	return value_text_element(text, element, length, (unsigned)length);
}

bool value_text_code(struct value_text *text, uint32_t code)
{
	char element[8] = {(char)code};

	if (code >= 0x20 && code < 0x7f && code != '\\')
		return value_text_element(text, element, 1, 1);
	if (code == '\\' || !is_printable(code))
		return put_escape(text, code);
	return value_text_element(text, element, utf8_encode(code, element), 1);
}

bool value_text_byte(struct value_text *text, uint8_t byte)
{
	char element = (char)byte;

	if (byte == '\'')
		return value_text_element(text, "\\'", 2, 2);
	if (byte >= 0x20 && byte < 0x7f && byte != '\\')
		return value_text_element(text, &element, 1, 1);
	return put_escape(text, byte);
}

/* The bytes of the sequence that begins here, and what they encode. */
static size_t decode(const char *utf8, uint32_t *ret)
{
	const unsigned char *bytes = (const unsigned char *)utf8;
	size_t length = bytes[0] < 0xc2 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;

	*ret = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			*ret = bytes[0];
			return 1;
		}
		*ret = *ret << 6 | (bytes[i] & 0x3f);
	}
	return length;
}

bool value_text_utf8(struct value_text *text, const char *utf8)
{
	uint32_t code;

	while (*utf8) {
		utf8 += decode(utf8, &code);
		if (!value_text_code(text, code))
			return false;
	}
	return !text->full;
}

bool value_text_integer(struct value_text *text, uint64_t integer)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, integer);
	return value_text_ascii(text, digits);
}
