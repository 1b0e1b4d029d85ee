#include "cli/cli.h"

const struct command command_pools = {
	.name = "pools",
	.operands = "SNAPSHOT",
	.summary = "Size classes, arenas, what is free in them",
	.report = true,
	.top = "20; size classes: all",
	.run = cli_plain_report,
};
