/*
 * What the commands share: the table of them, their options, messages, exit statuses.
 *
 * How to add one: a file cmd_NAME.c with a `const struct command`, and a line in main.c.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/error.h"
#include "report/report.h"

#include <getopt.h>

enum exit_status { EXIT_DONE, EXIT_FOUND, EXIT_USAGE, EXIT_UNUSABLE, EXIT_OUTPUT };

/* What a command's own options do; false and err for a value that is none. */
struct cli_option {
	const char *name;
	char short_name;     /* or 0 */
	const char *operand; /* "DIR"; NULL: it takes none */
	const char *help;    /* lines */
};
typedef bool cli_option_fn(void *context, const char *name, const char *argument,
			   struct error *err);

struct command {
	const char *name;
	const char *operands; /* "SNAPSHOT ADDR" */
	const char *summary;  /* one line */
	const char *note;     /* a paragraph of --help; or NULL */
	const struct cli_option
		*options; /* besides --help and such; no name ends them; or NULL */
	bool report;      /* takes --top and --json */
	const char *top;  /* in words how many rows without --top; NULL: 20 */
	int (*run)(const struct command *command, int argc, char **argv);
};

/* clang-format off */
extern const struct command
	command_analyze,
	command_summary,
	command_types,
	command_leaks,
	command_cycles,
	command_gc,
	command_pools,
	command_heap,
	command_retained,
	command_waste,
	command_show,
	command_why,
	command_threads,
	command_diff,
	command_sql;
/* clang-format on */

struct cli_arguments {
	/* in */
	cli_option_fn *option; /* for the command's own */
	void *context;
	int least, most; /* operands */
	/* out */
	bool json;
	uint64_t top;
	char **operands;
	int count;
};

/*
 * False if the command is over, with its exit status in *ret_status: --help and --version
 * were given, or the command line is wrong, which was said.
 */
bool cli_parse(const struct command *command, int argc, char **argv,
	       struct cli_arguments *arguments, int *ret_status);

/* Decimal, 0 … limit. */
bool cli_number(const char *text, uint64_t limit, uint64_t *ret);

/* "heapsect: MESSAGE" on stderr; the exit status. */
int cli_fail(const struct error *err);
int cli_usage(const struct command *command, const struct error *err);

void cli_print_version(void);

/* Text or JSON on stdout, coloured where that is wanted. */
struct report_output cli_output(const struct cli_arguments *arguments);

/* Opens the snapshot that is the first operand and writes a report of it; the exit status. */
int cli_report(const struct cli_arguments *arguments, const char *name);

/* The same for a command that has no options of its own. */
int cli_plain_report(const struct command *command, int argc, char **argv);

/* Nothing is done until it is written: flushes stdout; the exit status. */
int cli_finish(int status);

#endif
