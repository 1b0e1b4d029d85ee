/*
 * Tables of line numbers.  Each is a bytes object of the code's; its entries follow each other
 * in the order of the instructions, the first beginning at instruction 0 and line
 * co_firstlineno.
 *
 * co_lnotab (3.8, 3.9; Objects/lnotab_notes.txt), two bytes an entry:
 *   OFFSET SIZE MEANING
 *   0      1    bytes of instructions from the entry before to this one, 0 to 255
 *   1      1    lines from the one before, -128 to 127
 *
 * co_linetable (3.10; PEP 626), two bytes an entry:
 *   0      1    bytes of instructions of this entry
 *   1      1    lines from the entry before, -127 to 127; -128: these have none
 *
 * co_linetable (3.11 and later, beside co_code_adaptive; Objects/locations.md), an entry begins
 * with a byte that has bit 7 set, and ends before the next such byte:
 *   0      1    bits 0-2: code units (of two bytes) of this entry, less one
 *               bits 3-6: what follows
 *   1      …    0 to 9: columns; the line of the entry before
 *               10 to 12: columns; that many lines less ten from the entry before
 *               13: the lines from the entry before, as a signed varint
 *               14: the same, then the end and the columns
 *               15: nothing; these instructions have no line
 *   A varint is six bits a byte, the lowest first, bit 6 set where another byte follows.  A
 *   signed one has its sign in the lowest bit.
 */
#include "runtime/cpython/lines.h"

#define LONGEST_TABLE ((uint64_t)1 << 28) /* bytes */
#define CODE_UNIT     2                   /* bytes */
#define NO_LINE       0

struct line_table {
	const uint8_t *bytes;
	uint64_t size;
	int64_t first_line;
};

static int64_t lnotab_line(const struct line_table *table, int64_t wanted)
{
	int64_t start = 0, line = table->first_line;

	for (uint64_t i = 0; i + 1 < table->size; i += 2) {
		start += table->bytes[i];
		if (start > wanted)
			break;
		line += (int8_t)table->bytes[i + 1];
	}
	return line;
}

static int64_t pairs_line(const struct line_table *table, int64_t wanted)
{
	int64_t end = 0, line = table->first_line;

	for (uint64_t i = 0; i + 1 < table->size; i += 2) {
		int8_t delta = (int8_t)table->bytes[i + 1];

		end += table->bytes[i];
		if (delta != INT8_MIN)
			line += delta;
		if (wanted < end)
			return delta == INT8_MIN ? NO_LINE : line;
	}
	return NO_LINE;
}

/* The signed varint at `at`; what the table's end cuts off counts as 0. */
static int64_t signed_varint(const struct line_table *table, uint64_t at)
{
	uint64_t value = 0;
	uint8_t byte;
	unsigned shift = 0;

	do {
		byte = at < table->size ? table->bytes[at++] : 0;
		value |= (uint64_t)(byte & 63) << shift;
		shift += 6;
	} while (byte & 64 && shift < 32);
	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

enum { KIND_ONE_LINE = 10, KIND_NO_COLUMNS = 13, KIND_LONG, KIND_NONE };

static int64_t location_delta(const struct line_table *table, uint64_t at)
{
	int kind = table->bytes[at] >> 3 & 15;

	if (kind == KIND_NO_COLUMNS || kind == KIND_LONG)
		return signed_varint(table, at + 1);
	return kind >= KIND_ONE_LINE && kind < KIND_NO_COLUMNS ? kind - KIND_ONE_LINE : 0;
}

static int64_t location_line(const struct line_table *table, int64_t wanted)
{
	int64_t end = 0, line = table->first_line;

	for (uint64_t at = 0; at < table->size;) {
		uint8_t first = table->bytes[at];

		end += ((first & 7) + 1) * CODE_UNIT;
		line += location_delta(table, at);
		if (wanted < end)
			return (first >> 3 & 15) == KIND_NONE ? NO_LINE : line;
		do
			at++;
		while (at < table->size && !(table->bytes[at] & 128));
	}
	return NO_LINE;
}

/* The newest first: the field that tells a format, and the one that holds its table. */
static const struct line_format {
	enum field told_by, table;
	int64_t (*line)(const struct line_table *table, int64_t wanted);
} formats[] = {
	{CODE_CODE, CODE_LINETABLE, location_line},
	{CODE_LINETABLE, CODE_LINETABLE, pairs_line},
	{CODE_LNOTAB, CODE_LNOTAB, lnotab_line},
};

static const struct line_format *format_of(const struct python *python)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++)
		if (has_field(&python->fields, formats[i].told_by) &&
		    has_field(&python->fields, formats[i].table))
			return &formats[i];
	return NULL;
}

static bool read_table(const struct python *python, addr_t code, enum field field,
		       struct line_table *ret)
{
	const struct fields *fields = &python->fields;
	uint32_t first_line;
	addr_t bytes;
	size_t hint = 0;

	if (!image_read_u32(python->image, code + field_offset(fields, CODE_FIRSTLINE),
			    &first_line) ||
	    !image_read_u64(python->image, code + field_offset(fields, field), &bytes) ||
	    !image_read_u64(python->image, bytes + field_offset(fields, VAR_SIZE),
			    &ret->size) ||
	    ret->size > LONGEST_TABLE)
		return false;
	ret->first_line = (int32_t)first_line;
	ret->bytes =
		ret->size ? image_view(python->image, bytes + field_offset(fields, BYTES_DATA),
				       ret->size, &hint)
			  : NULL;
	return ret->bytes || !ret->size;
}

uint32_t code_line(const struct python *python, addr_t code, int64_t instruction)
{
	const struct line_format *format = format_of(python);
	struct line_table table;
	int64_t line;

	if (!format || !read_table(python, code, format->table, &table))
		return NO_LINE;
	line = instruction < 0 ? table.first_line : format->line(&table, instruction);
	return line > 0 && line <= INT32_MAX ? (uint32_t)line : NO_LINE;
}
