#include "report/format.h"

#include <inttypes.h>
#include <math.h>

bool unit_is_right_aligned(enum unit unit, enum store_value_kind kind)
{
	switch (unit) {
	case UNIT_RAW:
		return kind == STORE_INTEGER || kind == STORE_REAL;
	case UNIT_COUNT:
	case UNIT_BYTES:
	case UNIT_PERCENT:
	case UNIT_SIGNED:
	case UNIT_SIGNED_BYTES:
	case UNIT_SECONDS:
		return true;
	case UNIT_TEXT:
	case UNIT_BAR:
	case UNIT_TREE:
	case UNIT_SEVERITY:
		break;
	}
	return false;
}

/* Bytes of the UTF-8 sequence that begins here; 0 if none does (RFC 3629). */
static size_t sequence_length(const unsigned char *text, size_t length)
{
	size_t wanted = text[0] < 0x80    ? 1
			: text[0] < 0xc2  ? 0
			: text[0] < 0xe0  ? 2
			: text[0] < 0xf0  ? 3
			: text[0] <= 0xf4 ? 4
					  : 0;

	if (wanted == 0 || wanted > length)
		return 0;
	for (size_t i = 1; i < wanted; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return wanted;
}

static bool is_control(const unsigned char *text, size_t length)
{
	return text[0] < 0x20 || text[0] == 0x7f ||
	       (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

/* Control characters and bytes that are no text become \xNN. */
static void write_text(FILE *file, const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t i = 0; i < length;) {
		size_t sequence = sequence_length(bytes + i, length - i);

		if (sequence && !is_control(bytes + i, sequence)) {
			fwrite(text + i, 1, sequence, file);
		} else {
			sequence = 1;
			fprintf(file, "\\x%02x", bytes[i]);
		}
		i += sequence;
	}
}

size_t text_width(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			width++;
	return width;
}

size_t text_cut(const char *text, size_t length, size_t width)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && width-- == 0)
			return i;
	return length;
}

char *format_count(int64_t count, char *ret, size_t size)
{
	char digits[32];
	size_t length, out = 0;

	snprintf(digits, sizeof(digits), "%" PRId64, count);
	length = strlen(digits);
	for (size_t i = 0; i < length && out + 1 < size; i++) {
		if (i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0)
			ret[out++] = ',';
		if (out + 1 < size)
			ret[out++] = digits[i];
	}
	ret[out] = '\0';
	return ret;
}

static double value_number(struct store_value value)
{
	return value.kind == STORE_REAL ? value.real : (double)value.integer;
}

static void write_seconds(FILE *file, double seconds)
{
	if (seconds < 1)
		fprintf(file, "%.1f ms", seconds * 1000);
	else
		fprintf(file, "%.1f s", seconds);
}

static void write_bar(FILE *file, double percent)
{
	enum { WIDTH = 20 };
	int filled = percent <= 0     ? 0
		     : percent >= 100 ? WIDTH
				      : (int)(percent * WIDTH / 100 + 0.5);

	for (int i = 0; i < WIDTH; i++)
		fputc(i < filled ? '#' : '.', file);
}

static void write_signed_bytes(FILE *file, int64_t bytes)
{
	char text[48];
	uint64_t size = bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes;

	fprintf(file, "%c%s", bytes < 0 ? '-' : '+', format_bytes(size, text, sizeof(text)));
}

static void write_number(FILE *file, enum unit unit, struct store_value value)
{
	char text[48];

	switch (unit) {
	case UNIT_COUNT:
		fputs(format_count(value.integer, text, sizeof(text)), file);
		return;
	case UNIT_BYTES:
		fputs(format_bytes((uint64_t)value.integer, text, sizeof(text)), file);
		return;
	case UNIT_SIGNED:
		fprintf(file, "%s%s", value.integer < 0 ? "" : "+",
			format_count(value.integer, text, sizeof(text)));
		return;
	case UNIT_SIGNED_BYTES:
		write_signed_bytes(file, value.integer);
		return;
	case UNIT_PERCENT:
		fprintf(file, "%.1f", value_number(value));
		return;
	case UNIT_SECONDS:
		write_seconds(file, value_number(value));
		return;
	case UNIT_BAR:
		write_bar(file, value_number(value));
		return;
	case UNIT_RAW:
	case UNIT_TEXT:
	case UNIT_TREE:
	case UNIT_SEVERITY:
		break;
	}
	if (value.kind == STORE_REAL)
		fprintf(file, "%.15g", value.real);
	else
		fprintf(file, "%" PRId64, value.integer);
}

static void write_hex(FILE *file, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fprintf(file, "%02x", (unsigned char)bytes[i]);
}

void write_value(FILE *file, enum unit unit, struct store_value value)
{
	switch (value.kind) {
	case STORE_NULL:
		fputs(unit == UNIT_RAW ? "NULL" : "-", file);
		return;
	case STORE_INTEGER:
	case STORE_REAL:
		write_number(file, unit, value);
		return;
	case STORE_TEXT:
		write_text(file, value.text, value.length);
		return;
	case STORE_BLOB:
		write_hex(file, value.text, value.length);
		return;
	}
}

static void write_json_character(FILE *file, const unsigned char *text, size_t sequence)
{
	if (sequence == 0)
		fputs("\\ufffd", file);
	else if (text[0] == '"' || text[0] == '\\')
		fprintf(file, "\\%c", text[0]);
	else if (text[0] == '\n')
		fputs("\\n", file);
	else if (text[0] == '\t')
		fputs("\\t", file);
	else if (text[0] < 0x20 || text[0] == 0x7f)
		fprintf(file, "\\u%04x", text[0]);
	else
		fwrite(text, 1, sequence, file);
}

void write_json_string(FILE *file, const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	fputc('"', file);
	for (size_t i = 0; i < length;) {
		size_t sequence = sequence_length(bytes + i, length - i);

		write_json_character(file, bytes + i, sequence);
		i += sequence ? sequence : 1;
	}
	fputc('"', file);
}

void write_json_value(FILE *file, struct store_value value)
{
	switch (value.kind) {
	case STORE_NULL:
		fputs("null", file);
		return;
	case STORE_INTEGER:
		fprintf(file, "%" PRId64, value.integer);
		return;
	case STORE_REAL:
		if (isfinite(value.real))
			fprintf(file, "%.15g", value.real);
		else
			fputs("null", file);
		return;
	case STORE_TEXT:
		write_json_string(file, value.text, value.length);
		return;
	case STORE_BLOB:
		fputc('"', file);
		write_hex(file, value.text, value.length);
		fputc('"', file);
		return;
	}
}
