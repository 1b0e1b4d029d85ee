#include "cli/cli.h"

const struct command command_summary = {
	.name = "summary",
	.operands = "SNAPSHOT",
	.summary = "What process, where every byte is, the findings",
	.report = true,
	.run = cli_plain_report,
};
