#include "cli/cli.h"

const struct command command_heap = {
	.name = "heap",
	.operands = "SNAPSHOT",
	.summary = "The C library's arenas; blocks by kind and C type; unknown ones",
	.report = true,
	.run = cli_plain_report,
};
