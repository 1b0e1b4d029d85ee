/*
 * SQL of a person: one query from the command line, a prompt at a terminal, or statements from
 * standard input, each ended by a semicolon at the end of a line.
 */
#include "cli/cli.h"
#include "cli/sql_prompt.h"
#include "cli/sql_statement.h"

#include <stdlib.h>
#include <unistd.h>

/* Runs and empties it; the exit status. */
static int statement_run(struct sql_statement *statement, const struct report_output *output,
			 struct store *store)
{
	struct error err = {0};
	int status = EXIT_DONE;

	if (!sql_statement_is_blank(statement) &&
	    !report_write_sql(output, store, statement->text, &err))
		status = cli_fail(&err);
	sql_statement_clear(statement);
	return status;
}

/* A mistake ends it: what follows may have been meant to come after. */
static int run_lines(const struct report_output *output, struct store *store)
{
	struct sql_statement statement = {NULL, 0};
	char *line = NULL;
	size_t capacity = 0;
	int status = EXIT_DONE;

	while (status == EXIT_DONE && getline(&line, &capacity, stdin) > 0) {
		if (!sql_statement_add(&statement, line))
			break;
		if (sql_statement_is_blank(&statement) || store_is_complete(statement.text))
			status = statement_run(&statement, output, store);
	}
	if (status == EXIT_DONE)
		status = statement_run(&statement, output, store);
	free(line);
	sql_statement_release(&statement);
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
	if (arguments.count == 1 && isatty(STDIN_FILENO))
		return sql_prompt_run(arguments.operands[0], store, output);
	if (arguments.count == 1)
		return run_lines(&output, store);
	if (!report_write_sql(&output, store, arguments.operands[1], &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

const struct command command_sql = {
	.name = "sql",
	.operands = "SNAPSHOT [QUERY]",
	.summary = "Run SQL, read only; without QUERY a prompt, or from standard input",
	.note = "Besides SQLite's own functions there are addr(ADDRESS): 0x... and back, and\n"
		"human(BYTES): 1.2 MiB.  heapsect-snapshot(5) explains tables and columns, "
		"and\n"
		"answers some questions.",
	.report = true,
	.top = "all",
	.run = run,
};
