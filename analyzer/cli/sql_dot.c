#include "cli/sql_dot.h"

enum { WORD = 128 };

struct dot_command {
	const char *name;
	const char *operand; /* for .help; NULL: it takes none */
	const char *help;
	bool (*run)(struct sql_session *session, const char *operand, struct error *err);
};

static bool run_help(struct sql_session *session, const char *operand, struct error *err);

static bool run_report(struct sql_session *session, const char *report, const char *name,
		       struct error *err)
{
	const struct store_parameter parameter = {"name", name, 0};

	return report_write(&session->output, report_find(report), session->store, &parameter,
			    1, err);
}

static bool run_tables(struct sql_session *session, const char *operand, struct error *err)
{
	(void)operand;
	return run_report(session, "sql-tables", "", err);
}

static bool run_schema(struct sql_session *session, const char *operand, struct error *err)
{
	return run_report(session, "sql-schema", operand, err);
}

static bool run_mode(struct sql_session *session, const char *operand, struct error *err)
{
	bool json = strcmp(operand, "json") == 0;

	if (!*operand) {
		fprintf(session->output.file, "%s\n", session->output.json ? "json" : "table");
		return true;
	}
	if (!json && strcmp(operand, "table") != 0)
		return error_set(err, ERROR_USAGE, ".mode takes json or table, not '%s'",
				 operand);
	session->output.json = json;
	return true;
}

static bool run_quit(struct sql_session *session, const char *operand, struct error *err)
{
	(void)operand, (void)err;
	session->done = true;
	return true;
}

static const struct dot_command commands[] = {
	{".help", NULL, "this text", run_help},
	{".mode", "json|table", "how rows are written", run_mode},
	{".quit", NULL, "leave, as Ctrl-D does", run_quit},
	{".schema", "[NAME]", "what a table or view is made of, with what each column means",
	 run_schema},
	{".tables", NULL, "tables and views, with what a row of each is", run_tables},
};

static bool run_help(struct sql_session *session, const char *operand, struct error *err)
{
	FILE *file = session->output.file;

	(void)operand, (void)err;
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		fprintf(file, "%-8s %-11s %s\n", commands[i].name,
			commands[i].operand ? commands[i].operand : "", commands[i].help);
	fputs("Anything else is SQL, up to a line that ends in a semicolon; Tab completes it,\n"
	      "Ctrl-C cancels it.  addr(ADDRESS) is 0x... and back, human(BYTES) 1.2 MiB,\n"
	      "path(OBJECT_ID) why an object is alive; why(OBJECT_ID), a table, all its "
	      "paths.\n"
	      "heapsect-snapshot(5) explains them and every column, and has worked "
	      "questions.\n",
	      file);
	return true;
}

bool sql_dot_run(struct sql_session *session, const char *line, struct error *err)
{
	static const char space[] = " \t\r\n;";
	size_t length = strcspn(line, space);
	const char *rest = line + length + strspn(line + length, space);
	char operand[WORD];

	snprintf(operand, sizeof(operand), "%.*s", (int)strcspn(rest, space), rest);
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
		const struct dot_command *command = &commands[i];

		if (strncmp(command->name, line, length) != 0 || command->name[length])
			continue;
		if (*operand && !command->operand)
			return error_set(err, ERROR_USAGE, "%s takes no operand",
					 command->name);
		return command->run(session, operand, err);
	}
	return error_set(err, ERROR_USAGE, "there is no %.*s; .help lists what there is",
			 (int)(length < WORD ? length : WORD), line);
}

void sql_dot_complete(const char *typed, struct completions *ret)
{
	for (size_t i = 0; i < ARRAY_COUNT(commands); i++)
		if (strncmp(commands[i].name, typed, ret->typed) == 0)
			vector_push(&ret->words, commands[i].name);
}
