#include "cli/sql_statement.h"

#include <stdlib.h>

bool sql_statement_add(struct sql_statement *statement, const char *line)
{
	size_t length = strlen(line);
	char *text = realloc(statement->text, statement->length + length + 1);

	if (!text)
		return false;
	memcpy(text + statement->length, line, length + 1);
	statement->text = text;
	statement->length += length;
	return true;
}

void sql_statement_clear(struct sql_statement *statement)
{
	statement->length = 0;
	if (statement->text)
		statement->text[0] = '\0';
}

void sql_statement_release(struct sql_statement *statement)
{
	free(statement->text);
	*statement = (struct sql_statement){NULL, 0};
}

bool sql_statement_is_blank(const struct sql_statement *statement)
{
	return !statement->text || strspn(statement->text, " \t\r\n;") == statement->length;
}
