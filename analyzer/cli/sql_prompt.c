#include "cli/sql_prompt.h"

#include "cli/cli.h"
#include "cli/line_editor.h"
#include "cli/sql_completion.h"
#include "cli/sql_dot.h"
#include "cli/sql_statement.h"
#include "cli/state_file.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler has no argument: the store whose query Ctrl-C cancels; NULL between queries. */
static struct store *volatile running;

static void cancel(int signal_number)
{
	(void)signal_number;
	if (running)
		store_interrupt(running);
}

/* Without SA_RESTART: a line that is being read is cancelled, too. */
static void catch_interrupts(void)
{
	struct sigaction action = {.sa_handler = cancel};

	sigaction(SIGINT, &action, NULL);
}

static bool run_statement(struct sql_session *session, struct sql_statement *statement,
			  struct error *err)
{
	bool done = true;

	running = session->store;
	if (!sql_statement_is_blank(statement))
		done = report_write_sql(&session->output, session->store, statement->text, err);
	running = NULL;
	sql_statement_clear(statement);
	return done;
}

/* False and err if something went wrong with this line. */
static bool take_line(struct sql_session *session, struct sql_statement *statement,
		      const char *line, struct error *err)
{
	if (!statement->length && line[0] == '.')
		return sql_dot_run(session, line, err);
	if (!sql_statement_add(statement, line))
		return error_out_of_memory(err, "reading a statement");
	if (sql_statement_is_blank(statement) || store_is_complete(statement->text))
		return run_statement(session, statement, err);
	return true;
}

static void run_lines(struct sql_session *session, struct sql_statement *statement,
		      struct line_editor *editor)
{
	const char *line = NULL;

	while (!session->done) {
		struct error err = {0};
		enum line_event event = line_editor_read(
			editor, statement->length ? "     ...> " : "heapsect> ", &line);

		if (event == LINE_END)
			return;
		if (event == LINE_CANCELLED) {
			sql_statement_clear(statement);
			continue;
		}
		if (line[strspn(line, " \t\r\n")])
			line_editor_remember(editor, line);
		if (!take_line(session, statement, line, &err))
			cli_fail(&err);
		fflush(stdout);
	}
}

static void start(const char *snapshot, struct line_editor *editor, FILE *terminal)
{
	struct error err = {0};
	char history[PATH_MAX];

	fprintf(terminal, "SQL on %s, read only.  .help tells more; Ctrl-D leaves.\n",
		snapshot);
	if (line_editor_lack())
		fprintf(terminal, "%s\n", line_editor_lack());
	if (!state_file_path("sql_history", history, sizeof(history), &err) ||
	    !line_editor_keep_history(editor, history, &err))
		fprintf(terminal, "No history: %s\n", err.message);
}

int sql_prompt_run(const char *snapshot, struct store *store, struct report_output output)
{
	struct sql_session session = {.store = store, .output = output};
	struct sql_statement statement = {NULL, 0};
	struct sql_completion completion = {store, &statement};
	FILE *terminal = isatty(STDOUT_FILENO) ? stdout : stderr;
	struct error err = {0};
	CLEANUP(line_editor_closep)
	struct line_editor *editor =
		line_editor_open(terminal, (struct completer){sql_complete, &completion}, &err);

	if (!editor)
		return cli_fail(&err);
	catch_interrupts();
	start(snapshot, editor, terminal);
	run_lines(&session, &statement, editor);
	sql_statement_release(&statement);
	return EXIT_DONE;
}
