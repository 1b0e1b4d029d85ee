#include "cli/cli.h"

#include <regex.h>

/* Before any work: the query would say the same later, of the snapshot. */
static bool check_pattern(const char *text, struct error *err)
{
	char message[256];
	regex_t pattern;
	int failure = regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB);

	if (failure == 0)
		return regfree(&pattern), true;
	regerror(failure, &pattern, message, sizeof(message));
	return error_set(err, ERROR_USAGE, "'%s' is no regular expression: %s", text, message);
}

static bool write_types(const struct cli_arguments *arguments, struct error *err)
{
	struct report_output output = cli_output(arguments);
	struct store_parameter pattern = {.name = "pattern"};
	CLEANUP(store_releasep) struct store *store = store_open(arguments->operands[0], err);

	if (arguments->count > 1)
		pattern.text = arguments->operands[1];
	return store && report_write(&output, report_find("types"), store, &pattern,
				     pattern.text ? 1 : 0, err);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli_arguments arguments = {.least = 1, .most = 2};
	struct error err = {0};
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	if (arguments.count > 1 && !check_pattern(arguments.operands[1], &err))
		return cli_usage(command, &err);
	return write_types(&arguments, &err) ? EXIT_DONE : cli_fail(&err);
}

const struct command command_types = {
	.name = "types",
	.operands = "SNAPSHOT [REGEX]",
	.summary = "Histogram of types: count, own and retained bytes",
	.note = "With REGEX, a POSIX extended one, only types with a name that matches "
		"somewhere;\n"
		"their figures are as among all.",
	.report = true,
	.run = run,
};
