/*
 * The prompt's own commands: .tables, .mode json.
 *
 * How to add one: a function and its line in commands[] of sql_dot.c.
 */
#ifndef CLI_SQL_DOT_H
#define CLI_SQL_DOT_H

#include "cli/line_editor.h"
#include "report/report.h"

struct sql_session {
	struct store *store;
	struct report_output output;
	bool done;
};

/* `line` begins with a dot. */
bool sql_dot_run(struct sql_session *session, const char *line, struct error *err);

/* The commands that begin like `typed`. */
void sql_dot_complete(const char *typed, struct completions *ret);

#endif
