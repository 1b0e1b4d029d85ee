/*
 * What a half-typed word of SQL can go on as: tables, views, their columns, functions, keywords;
 * and the prompt's own commands.
 */
#ifndef CLI_SQL_COMPLETION_H
#define CLI_SQL_COMPLETION_H

#include "cli/line_editor.h"
#include "cli/sql_statement.h"
#include "store/store.h"

struct sql_completion {
	struct store *store;
	const struct sql_statement *statement; /* the lines before this one */
};

/* For struct completer; `context` is a struct sql_completion. */
void sql_complete(void *context, const char *line, size_t cursor, struct completions *ret);

#endif
