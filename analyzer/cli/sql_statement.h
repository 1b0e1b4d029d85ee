/*
 * An SQL statement that grows line by line.
 */
#ifndef CLI_SQL_STATEMENT_H
#define CLI_SQL_STATEMENT_H

#include "base/types.h"

struct sql_statement {
	char *text; /* NULL: nothing yet */
	size_t length;
};

/* False when out of memory. */
bool sql_statement_add(struct sql_statement *statement, const char *line);
void sql_statement_clear(struct sql_statement *statement);
void sql_statement_release(struct sql_statement *statement);

/* Nothing but white space and semicolons. */
bool sql_statement_is_blank(const struct sql_statement *statement);

#endif
