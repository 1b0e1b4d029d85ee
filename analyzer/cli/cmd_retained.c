#include "cli/cli.h"
#include "cli/place.h"

enum { MOST_DEPTH = 1000 };

static bool set_option(void *context, const char *name, const char *argument, struct error *err)
{
	uint64_t *depth = context;

	(void)name;
	if (cli_number(argument, MOST_DEPTH, depth) && *depth > 0)
		return true;
	return error_set(err, ERROR_USAGE, "--depth takes a number from 1 to %d, not '%s'",
			 MOST_DEPTH, argument);
}

static bool write_report(const struct cli_arguments *arguments, struct store *store,
			 uint64_t depth, struct error *err)
{
	struct report_output output = cli_output(arguments);
	struct store_parameter parameters[2] = {
		{.name = "depth", .integer = (int64_t)depth},
		{.name = "object"}, /* none: all of the heap */
	};

	if (arguments->count == 2 &&
	    !place_find_object(store, arguments->operands[1], &parameters[1], err))
		return false;
	return report_write(&output, report_find("retained"), store, parameters,
			    ARRAY_COUNT(parameters), err);
}

static int run(const struct command *command, int argc, char **argv)
{
	uint64_t depth = 1;
	struct cli_arguments arguments = {
		.option = set_option, .context = &depth, .least = 1, .most = 2};
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	store = store_open(arguments.operands[0], &err);
	if (!store || !write_report(&arguments, store, depth, &err))
		return err.kind == ERROR_USAGE ? cli_usage(command, &err) : cli_fail(&err);
	return EXIT_DONE;
}

static const struct cli_option own_options[] = {
	{"depth", 0, "N", "a tree of so many levels (default 1)"},
	{NULL, 0, NULL, NULL},
};

const struct command command_retained = {
	.name = "retained",
	.operands = "SNAPSHOT [ADDR]",
	.summary = "What would go with an object: the biggest of all, or below ADDR",
	.note = "Of each object the tree shows the largest that only it keeps alive, those of "
		"1%\n"
		"of its bytes or more. What only dropped cycles or leaks keep stands below\n"
		"(garbage) and (leaked).",
	.options = own_options,
	.report = true,
	.run = run,
};
