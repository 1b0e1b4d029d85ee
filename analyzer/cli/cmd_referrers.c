#include "cli/cli.h"
#include "cli/place.h"

static bool write_referrers(const struct cli_arguments *arguments, struct store *store,
			    struct error *err)
{
	struct report_output output = cli_output(arguments);
	struct store_parameter object;

	return place_find_object(store, arguments->operands[1], &object, err) &&
	       report_write(&output, report_find("referrers"), store, &object, 1, err);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli_arguments arguments = {.least = 2, .most = 2};
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	store = store_open(arguments.operands[0], &err);
	if (!store || !write_referrers(&arguments, store, &err))
		return err.kind == ERROR_USAGE ? cli_usage(command, &err) : cli_fail(&err);
	return EXIT_DONE;
}

const struct command command_referrers = {
	.name = "referrers",
	.operands = "SNAPSHOT ADDR",
	.summary = "Who refers to an object, and why these are alive",
	.note = "ADDR is hex (0x...) or decimal, and may be inside an object or its memory.",
	.report = true,
	.run = run,
};
