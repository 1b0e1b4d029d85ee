#include "report/reports/reports.h"

/* clang-format off */
const struct report report_retained = {
	.name = "retained",
	.sections = {
		{
			.key = "total",
			.query = "retained_total",
			.single = true,
			.text = "{bytes} in all[ go with {path}].",
			.columns = {{"bytes", NULL, UNIT_BYTES}},
		},
		{
			.key = "tree",
			.query = "retained",
			.limited = true,
			.heading = "\nWhat only one object keeps alive",
			.columns = {
				{"retained_size", "Retained", UNIT_BYTES},
				{"percent", "%", UNIT_PERCENT},
				{"own_size", "Own", UNIT_BYTES},
				{"type", "Object", UNIT_TREE},
				{"value", "Value", UNIT_TEXT},
				{"path", "Path", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
