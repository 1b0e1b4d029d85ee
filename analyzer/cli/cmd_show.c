#include "cli/cli.h"
#include "cli/place.h"

#include <inttypes.h>

static bool is_anywhere(const struct store_parameter *place)
{
	for (size_t i = PLACE_OBJECT; i < PLACES; i++)
		if (place[i].integer)
			return true;
	return false;
}

static bool show(const struct cli_arguments *arguments, struct store *store, uint64_t address,
		 struct error *err)
{
	struct store_parameter place[PLACES] = {{.name = NULL}};
	struct report_output output = cli_output(arguments);

	if (!place_find(store, address, place, err))
		return false;
	if (!is_anywhere(place))
		return error_set(err, ERROR_INPUT,
				 "0x%" PRIx64 " is in no mapping of the process in %s", address,
				 arguments->operands[0]);
	return report_write(&output, report_find("show"), store, place, PLACES, err);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli_arguments arguments = {.least = 2, .most = 2};
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	uint64_t address = 0;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	if (!place_parse(arguments.operands[1], &address, &err))
		return cli_usage(command, &err);
	store = store_open(arguments.operands[0], &err);
	if (!store || !show(&arguments, store, address, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

const struct command command_show = {
	.name = "show",
	.operands = "SNAPSHOT ADDR",
	.summary = "One address: what it is, its ledger, its references",
	.note = "ADDR is hex (0x...) or decimal, and may be any address of the process: in an\n"
		"object, a block, a variable, a function, a stack.",
	.report = true,
	.run = run,
};
