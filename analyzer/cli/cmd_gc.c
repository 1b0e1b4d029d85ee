#include "cli/cli.h"

const struct command command_gc = {
	.name = "gc",
	.operands = "SNAPSHOT",
	.summary = "The collector: its generations, and what it would do now",
	.report = true,
	.run = cli_plain_report,
};
