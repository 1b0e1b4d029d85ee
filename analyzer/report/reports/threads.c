#include "report/reports/reports.h"

/* clang-format off */
static const struct report_section frame_sections[] = {
	{
		.key = "locals",
		.query = "frame_locals",
		.limited = true,
		.top = 30,
		.more = "    ... and more: --top N shows N, --top 0 all",
		.text = "    {name}[ = {value}]: {type} at {address}"
			"[, in the cell at {cell}]",
	},
	{.key = NULL},
};

static const struct report_section thread_sections[] = {
	{
		.key = "frames",
		.query = "thread_frames",
		.limited = true,
		.top = 100,
		.empty = "  no Python frame",
		.more = "  ... and more: --top N shows N, --top 0 all",
		.text = "  File \"{file}\"[, line {line}], in {function}",
		.each = frame_sections,
	},
	{.key = NULL},
};

const struct report report_threads = {
	.name = "threads",
	.sections = {
		{
			.key = "total",
			.query = "threads_total",
			.single = true,
			.text = "{threads} threads, {frames} Python frames; "
				"the most recent call of each comes first.",
			.columns = {
				{"threads", NULL, UNIT_COUNT},
				{"frames", NULL, UNIT_COUNT},
			},
		},
		{
			.key = "threads",
			.query = "threads",
			.limited = true,
			.top = 100,
			.more = "\n... and more: --top N shows N, --top 0 all",
			.text = "\nThread {tid}[ \"{name}\"][, at "
				"{instruction_pointer}][ in {module}][: {gone}]",
			.each = thread_sections,
		},
	},
};
/* clang-format on */
