/*
 * SQL of a person: one query from the command line, or statements from standard input, each
 * ended by a line that ends in ';'.
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

/* A statement that grows line by line. */
struct statement {
	char *text;
	size_t length;
};

static bool statement_add(struct statement *statement, const char *line, size_t length)
{
	char *text = realloc(statement->text, statement->length + length + 1);

	if (!text)
		return false;
	memcpy(text + statement->length, line, length);
	statement->text = text;
	statement->length += length;
	text[statement->length] = '\0';
	return true;
}

static bool is_blank(const struct statement *statement)
{
	return !statement->text || strspn(statement->text, " \t\r\n;") == statement->length;
}

static bool is_complete(const struct statement *statement)
{
	size_t length = statement->length;

	while (length && strchr(" \t\r\n", statement->text[length - 1]))
		length--;
	return length && statement->text[length - 1] == ';';
}

/* Runs and empties it; the exit status. */
static int statement_run(struct statement *statement, const struct report_output *output,
			 struct store *store)
{
	struct error err = {0};
	int status = EXIT_DONE;

	if (!is_blank(statement) && !report_write_sql(output, store, statement->text, &err))
		status = cli_fail(&err);
	statement->length = 0;
	if (statement->text)
		statement->text[0] = '\0';
	return status;
}

static void prompt(const struct statement *statement, bool interactive)
{
	if (!interactive)
		return;
	fputs(statement->length ? "     ...> " : "heapsect> ", stdout);
	fflush(stdout);
}

/* At a terminal a mistake costs a statement, elsewhere the rest. */
static int run_lines(const struct report_output *output, struct store *store)
{
	bool interactive = isatty(STDIN_FILENO);
	struct statement statement = {NULL, 0};
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	int status = EXIT_DONE;

	prompt(&statement, interactive);
	while (status == EXIT_DONE && (length = getline(&line, &capacity, stdin)) > 0) {
		if (!statement_add(&statement, line, (size_t)length))
			break;
		if (is_complete(&statement) || is_blank(&statement))
			status = statement_run(&statement, output, store);
		if (interactive)
			status = EXIT_DONE;
		prompt(&statement, interactive);
	}
	if (status == EXIT_DONE)
		status = statement_run(&statement, output, store);
	free(line);
	free(statement.text);
	return status;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli_arguments arguments = {.least = 1, .most = 2};
	struct report_output output;
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	output = cli_output(&arguments);
	store = store_open(arguments.operands[0], &err);
	if (!store)
		return cli_fail(&err);
	if (arguments.count == 1)
		return run_lines(&output, store);
	if (!report_write_sql(&output, store, arguments.operands[1], &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

const struct command command_sql = {
	.name = "sql",
	.operands = "SNAPSHOT [QUERY]",
	.summary = "Run SQL, read only; without QUERY from standard input",
	.report = true,
	.top = "all",
	.run = run,
};
