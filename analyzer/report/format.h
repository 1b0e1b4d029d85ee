/*
 * One value as a person reads it, and as JSON has it.  Everything here may come from a dead
 * process: control characters never reach a terminal, invalid UTF-8 never reaches JSON.
 */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "base/byte_text.h"
#include "store/store.h"

#include <stdio.h>

/* How a column's values read in text; JSON has them as the query gives them. */
enum unit {
	UNIT_RAW, /* as it is; NULL is NULL: other people's SQL */
	UNIT_TEXT,
	UNIT_COUNT,        /* 1,234 */
	UNIT_BYTES,        /* 1.2 MiB */
	UNIT_PERCENT,      /* 12.3, of a value in 0 … 100 */
	UNIT_SIGNED,       /* +1,234 */
	UNIT_SIGNED_BYTES, /* +1.2 MiB */
	UNIT_SECONDS,      /* 12.3 ms */
	UNIT_BAR,          /* of a value in 0 … 100 */
	UNIT_TREE,         /* a text, indented by the column `depth` */
	UNIT_SEVERITY      /* a text, coloured by what it says */
};

bool unit_is_right_aligned(enum unit unit, enum store_value_kind kind);

/* Columns on a terminal: code points, control characters as written. */
size_t text_width(const char *text, size_t length);

/* Bytes of the text's first `width` columns; all of it if it has no more. */
size_t text_cut(const char *text, size_t length, size_t width);

/* Writes at most size-1 bytes and a NUL; longer values are cut.  Returns ret. */
char *format_count(int64_t count, char *ret, size_t size);

void write_value(FILE *file, enum unit unit, struct store_value value);
void write_json_value(FILE *file, struct store_value value);
void write_json_string(FILE *file, const char *text, size_t length);

#endif
