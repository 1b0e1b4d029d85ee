#include "report/reports/reports.h"

/* clang-format off */
const struct report report_leaks = {
	.name = "leaks",
	.sections = {
		{
			.key = "total",
			.query = "leaks_total",
			.single = true,
			.text = "Leaks: {leaks}, of {objects} objects, {bytes}.",
			.columns = {
				{"leaks", NULL, UNIT_COUNT},
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "leaks",
			.query = "leaks",
			.limited = true,
			.columns = {
				{"kind", "Kind", UNIT_TEXT},
				{"grade", "Grade", UNIT_TEXT},
				{"leaks", "Count", UNIT_COUNT},
				{"objects", "Objects", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"type", "Type", UNIT_TEXT},
				{"example", "Example", UNIT_TEXT},
				{"explanation", "Explanation",
				 UNIT_TEXT},
			},
		},
	},
};

const struct report report_leaks_all = {
	.name = "leaks_all",
	.sections = {
		{
			.key = "leaks",
			.query = "leaks_all",
			.limited = true,
			.top = REPORT_TOP_ALL,
			.empty = "No leaks.",
			.columns = {
				{"kind", "Kind", UNIT_TEXT},
				{"grade", "Grade", UNIT_TEXT},
				{"address", "Address", UNIT_TEXT},
				{"objects", "Objects", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"type", "Type", UNIT_TEXT},
				{"explanation", "Explanation",
				 UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
