#include "store/regexp.h"

#include <regex.h>
#include <stdlib.h>

static void free_pattern(void *pattern)
{
	regfree(pattern);
	free(pattern);
}

/* Compiled once a statement; NULL after an error was told. */
static regex_t *compile(sqlite3_context *context, const char *text)
{
	regex_t *pattern = sqlite3_get_auxdata(context, 0);
	char message[256] = "out of memory";
	int failure = REG_ESPACE;

	if (pattern)
		return pattern;
	pattern = malloc(sizeof(*pattern));
	if (pattern) {
		failure = regcomp(pattern, text, REG_EXTENDED | REG_NOSUB);
		if (failure)
			regerror(failure, pattern, message, sizeof(message));
	}
	if (failure) {
		free(pattern);
		sqlite3_result_error(context, message, -1);
		return NULL;
	}
	sqlite3_set_auxdata(context, 0, pattern, free_pattern);
	// SQLite may have freed it at once, so what it has kept is asked for.
	pattern = sqlite3_get_auxdata(context, 0);
	if (!pattern)
		sqlite3_result_error_nomem(context);
	return pattern;
}

/* regexp(PATTERN, TEXT) is what TEXT REGEXP PATTERN calls. */
static void match(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	const char *subject = (const char *)sqlite3_value_text(values[1]);
	regex_t *pattern;

	(void)count;
	if (!text || !subject)
		return; /* NULL */
	pattern = compile(context, text);
	if (pattern)
		sqlite3_result_int(context, regexec(pattern, subject, 0, NULL, 0) == 0);
}

int regexp_register(sqlite3 *database)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

	return sqlite3_create_function(database, "regexp", 2, flags, NULL, match, NULL, NULL);
}
