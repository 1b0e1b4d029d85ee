#include "cli/cli.h"

const struct command command_waste = {
	.name = "waste",
	.operands = "SNAPSHOT",
	.summary = "Equal texts, unused room, empty containers, boxed numbers",
	.report = true,
	.run = cli_plain_report,
};
