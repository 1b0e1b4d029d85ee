#include "cli/cli.h"

const struct command command_threads = {
	.name = "threads",
	.operands = "SNAPSHOT",
	.summary = "Python stacks of all threads, with locals",
	.report = true,
	.run = cli_plain_report,
};
