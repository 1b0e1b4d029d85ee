/*
 *   addr(INTEGER)  TEXT     "0x…", of 16 digits if the number is negative: an address above 2^63
 *   addr(TEXT)     INTEGER  what objects.address has for "0x…", or for a decimal number
 *   human(BYTES)   TEXT     "1.2 MiB"
 *
 * NULL gives NULL.  What is no address or no number is an error: a comparison with NULL would
 * find nothing, which looks like an answer.
 */
#include "store/text_functions.h"

#include "base/byte_text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const char *text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return text ? text : "";
}

/* As an argument on the command line: hex with 0x, or decimal. */
static bool read_address(const char *text, uint64_t *ret)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	char *end;

	if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*ret = strtoull(digits, &end, hex ? 16 : 10);
	return end != digits && errno == 0;
}

static void addr(sqlite3_context *context, int count, sqlite3_value **values)
{
	char text[128];
	uint64_t address;

	(void)count;
	switch (sqlite3_value_type(values[0])) {
	case SQLITE_NULL:
		return;
	case SQLITE_INTEGER:
		snprintf(text, sizeof(text), "0x%" PRIx64,
			 (uint64_t)sqlite3_value_int64(values[0]));
		sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
		return;
	case SQLITE_TEXT:
		if (!read_address(text_of(values[0]), &address))
			break;
		sqlite3_result_int64(context, (int64_t)address);
		return;
	default:
		break;
	}
	snprintf(text, sizeof(text),
		 "addr(): '%.40s' is not an address: hex with 0x, or decimal",
		 text_of(values[0]));
	sqlite3_result_error(context, text, -1);
}

/* A sum may be negative where two snapshots are compared, an average has a fraction. */
static void human(sqlite3_context *context, int count, sqlite3_value **values)
{
	int type = sqlite3_value_numeric_type(values[0]);
	double bytes = sqlite3_value_double(values[0]);
	char text[128] = "-";

	(void)count;
	if (type == SQLITE_NULL)
		return;
	if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) || fabs(bytes) >= 0x1p64) {
		snprintf(text, sizeof(text), "human(): '%.40s' is not a number of bytes",
			 text_of(values[0]));
		sqlite3_result_error(context, text, -1);
		return;
	}
	/* A double is exact enough: from 1 KiB on one decimal is shown. */
	format_bytes((uint64_t)(fabs(bytes) + 0.5), text + 1, sizeof(text) - 1);
	sqlite3_result_text(context, bytes <= -0.5 ? text : text + 1, -1, SQLITE_TRANSIENT);
}

int text_functions_register(sqlite3 *database)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int code = sqlite3_create_function(database, "addr", 1, flags, NULL, addr, NULL, NULL);

	if (code != SQLITE_OK)
		return code;
	return sqlite3_create_function(database, "human", 1, flags, NULL, human, NULL, NULL);
}
