#include "cli/cli.h"

const struct command command_pools = {
	.name = "pools",
	.operands = "SNAPSHOT",
	.summary = "Size classes, arenas, what pins them",
	.report = true,
	.run = cli_plain_report,
};
