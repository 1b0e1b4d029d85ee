#include "cli/cli.h"

const struct command command_cycles = {
	.name = "cycles",
	.operands = "SNAPSHOT",
	.summary = "Reference cycles by pattern, garbage first",
	.report = true,
	.run = cli_plain_report,
};
