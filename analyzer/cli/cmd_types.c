#include "cli/cli.h"

const struct command command_types = {
	.name = "types",
	.operands = "SNAPSHOT",
	.summary = "Histogram of types: count, own bytes",
	.report = true,
	.run = cli_plain_report,
};
