#include "cli/cli.h"
#include "cli/place.h"
#include "cli/show_scan.h"

#include <inttypes.h>

static bool is_anywhere(const struct store_parameter *place)
{
	for (size_t i = PLACE_OBJECT; i < PLACES; i++)
		if (place[i].integer)
			return true;
	return false;
}

static bool show(const struct cli_arguments *arguments, struct store *store, uint64_t address,
		 enum scan_wish wish, struct error *err)
{
	struct store_parameter place[PLACES + SCAN_PARAMETERS] = {{.name = NULL}};
	struct report_output output = cli_output(arguments);
	size_t count = PLACES;
	struct show_scan scan;
	bool done;

	if (!place_find(store, address, place, err))
		return false;
	if (!is_anywhere(place))
		return error_set(err, ERROR_INPUT,
				 "0x%" PRIx64 " is in no mapping of the process in %s", address,
				 arguments->operands[0]);
	done = show_scan_run(store, arguments->operands[0], wish, place, &count, &scan, err) &&
	       report_write(&output, report_find("show"), store, place, count, err);
	show_scan_release(&scan);
	return done;
}

static bool set_option(void *context, const char *name, const char *argument, struct error *err)
{
	enum scan_wish *wish = context;

	(void)argument, (void)err;
	*wish = strcmp(name, "scan") == 0 ? SCAN_ALWAYS : SCAN_NEVER;
	return true;
}

static int run(const struct command *command, int argc, char **argv)
{
	enum scan_wish wish = SCAN_SMALL;
	struct cli_arguments arguments = {
		.option = set_option, .context = &wish, .least = 2, .most = 2};
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	uint64_t address = 0;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	if (!place_parse(arguments.operands[1], &address, &err))
		return cli_usage(command, &err);
	store = store_open(arguments.operands[0], &err);
	if (!store || !show(&arguments, store, address, wish, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

static const struct cli_option own_options[] = {
	{"scan", 0, NULL,
	 "look for the address in all memory of the core,\nhowever large it is (default: up to "
	 "1 GiB)"},
	{"no-scan", 0, NULL, "do not"},
	{NULL, 0, NULL, NULL},
};

const struct command command_show = {
	.name = "show",
	.operands = "SNAPSHOT ADDR",
	.summary = "One address: what it is, its ledger, its references",
	.note = "ADDR is hex (0x...) or decimal, and may be any address of the process: in an\n"
		"object, a block, a variable, a function, a stack.  Of an object, each "
		"reference that\n"
		"its count has is accounted for; of objects and blocks, all words of the core "
		"that\n"
		"have the address are named, if the core is still there.",
	.options = own_options,
	.report = true,
	.run = run,
};
