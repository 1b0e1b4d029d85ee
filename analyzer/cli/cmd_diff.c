#include "cli/cli.h"

enum { MOST_SNAPSHOTS = 1000 };

static bool set_option(void *context, const char *name, const char *argument, struct error *err)
{
	enum store_depth *depth = context;

	(void)name, (void)argument, (void)err;
	*depth = STORE_OBJECTS;
	return true;
}

static const char *report_name(enum store_depth depth, int snapshots)
{
	if (depth == STORE_OBJECTS)
		return "diff_objects";
	return snapshots > 2 ? "diff_series" : "diff";
}

static int run(const struct command *command, int argc, char **argv)
{
	enum store_depth depth = STORE_SUMS;
	struct cli_arguments arguments = {
		.option = set_option, .context = &depth, .least = 2, .most = MOST_SNAPSHOTS};
	struct report_output output;
	struct error err = {0};
	CLEANUP(store_releasep) struct store *store = NULL;
	int status;

	if (!cli_parse(command, argc, argv, &arguments, &status))
		return status;
	output = cli_output(&arguments);
	store = store_open_series((const char *const *)arguments.operands,
				  (size_t)arguments.count, depth, &err);
	if (!store || !report_write(&output, report_find(report_name(depth, arguments.count)),
				    store, NULL, 0, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

static const struct cli_option own_options[] = {
	{"objects", 0, NULL, "which objects were born and died between OLD\nand the last"},
	{NULL, 0, NULL, NULL},
};

const struct command command_diff = {
	.name = "diff",
	.operands = "OLD NEW [MORE]...",
	.summary = "What grew, by type, by where it hangs, by leak",
	.note = "Of three snapshots and more, the oldest first: only what grew from each to "
		"the\n"
		"next.  Objects are told by their addresses, if all are of one process.",
	.options = own_options,
	.report = true,
	.top = "20; in text some\ntables have fewer",
	.run = run,
};
