/*
 * SQL at a terminal: statements over as many lines as they take, and commands that begin with
 * a dot.  A mistake costs the statement, Ctrl-C the line or the query, Ctrl-D ends it.
 */
#ifndef CLI_SQL_PROMPT_H
#define CLI_SQL_PROMPT_H

#include "report/report.h"

/* The exit status.  `snapshot`: what the user called it. */
int sql_prompt_run(const char *snapshot, struct store *store, struct report_output output);

#endif
