#include "cli/cli.h"

const struct command command_summary = {
	.name = "summary",
	.operands = "SNAPSHOT",
	.summary = "What process, where every byte is, the findings",
	.report = true,
	.top = "as many as fit a screen",
	.run = cli_plain_report,
};
