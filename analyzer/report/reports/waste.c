#include "report/reports/reports.h"

/* clang-format off */
const struct report report_waste = {
	.name = "waste",
	.sections = {
		{
			.key = "kinds",
			.query = "waste_kinds",
			.heading = "What could be saved, by kind (an object may be of several)",
			.empty = "Nothing is wasted.",
			.columns = {
				{"savings", "Savings", UNIT_BYTES},
				{"bytes", "of", UNIT_BYTES},
				{"objects", "Objects", UNIT_COUNT},
				{"holders", "Holders", UNIT_COUNT},
				{"kind", "Kind", UNIT_TEXT},
				{"advice", "What wins it", UNIT_TEXT},
			},
		},
		{
			.key = "holders",
			.query = "waste",
			.limited = true,
			.heading = "\nWhere it is held",
			.columns = {
				{"savings", "Savings", UNIT_BYTES},
				{"bytes", "of", UNIT_BYTES},
				{"objects", "Objects", UNIT_COUNT},
				{"kind", "Kind", UNIT_TEXT},
				{"holder", "Holder", UNIT_TEXT},
				{"seen", "Example", UNIT_TEXT},
				{"path", "Path of the example", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
