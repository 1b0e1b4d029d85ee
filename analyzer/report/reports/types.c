#include "report/reports/reports.h"

/* clang-format off */
const struct report report_types = {
	.name = "types",
	.sections = {
		{
			.key = "total",
			.query = "types_total",
			.single = true,
			.text = "Partition of a set of {objects} objects. "
				"Total size = "
				"{bytes}.",
			.columns = {
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "types",
			.query = "types",
			.limited = true,
			.columns = {
				{"objects", "Count", UNIT_COUNT},
				{"objects_percent", "%", UNIT_PERCENT},
				{"bytes", "Size", UNIT_BYTES},
				{"bytes_percent", "%", UNIT_PERCENT},
				{"cumulative_bytes", "Cumulative",
				 UNIT_BYTES},
				{"cumulative_percent", "%",
				 UNIT_PERCENT},
				{"retained_bytes", "Retained", UNIT_BYTES},
				{"type", "Type", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
