#include "report/reports/reports.h"

/* clang-format off */
const struct report report_cycles = {
	.name = "cycles",
	.sections = {
		{
			.key = "total",
			.query = "cycles_total",
			.single = true,
			.text = "Cycles: {cycles}, of {objects} objects, "
				"{bytes}; of these "
				"garbage: {garbage}, {garbage_bytes}.",
			.columns = {
				{"cycles", NULL, UNIT_COUNT},
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
				{"garbage", NULL, UNIT_COUNT},
				{"garbage_bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "cycles",
			.query = "cycles",
			.limited = true,
			.columns = {
				{"state", "State", UNIT_TEXT},
				{"cycles", "Cycles", UNIT_COUNT},
				{"objects", "Objects", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"finalizers", "Finalizers",
				 UNIT_COUNT},
				{"example", "Example", UNIT_TEXT},
				{"pattern", "Pattern", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
