#include "report/reports/reports.h"

/* clang-format off */
const struct report report_why = {
	.name = "why",
	.sections = {
		{
			.key = "object",
			.query = "why_object",
			.single = true,
			.text = "{type} object at {address}[ = {value}], {state}[, retains "
				"{retained_size}]",
			.columns = {{"retained_size", NULL, UNIT_BYTES}},
		},
		{
			.key = "paths",
			.query = "why",
			.limited = true,
			.top = 10,
			.more = "... and more: --top N shows N, --top 0 all",
			.heading = "\nAlive as",
			.text = "{rank}. {path}",
			.columns = {{"rank", NULL, UNIT_COUNT}, {"steps", NULL, UNIT_COUNT}},
		},
		{
			.key = "stopped",
			.query = "why_stopped",
			.single = true,
			.text = "There may be {more}: the search for other roots was stopped.",
		},
	},
};

const struct report report_why_type = {
	.name = "why_type",
	.sections = {
		{
			.key = "total",
			.query = "why_type_total",
			.single = true,
			.text = "{objects} objects of {type}, {bytes}",
			.columns = {
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "paths",
			.query = "why_type",
			.limited = true,
			.heading = "\nAlive as",
			.columns = {
				{"objects", "Count", UNIT_COUNT},
				{"percent", "%", UNIT_PERCENT},
				{"bytes", "Size", UNIT_BYTES},
				{"example", "Example", UNIT_TEXT},
				{"expression", "Path", UNIT_TREE},
			},
		},
	},
};
/* clang-format on */
