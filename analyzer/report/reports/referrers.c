#include "report/reports/reports.h"

/* clang-format off */
const struct report report_referrers = {
	.name = "referrers",
	.sections = {
		{
			.key = "object",
			.query = "why_object",
			.single = true,
			.text = "{type} object at {address}[ = {value}], {state}",
		},
		{
			.key = "total",
			.query = "referrers_total",
			.single = true,
			.text = "references {references}",
			.columns = {{"references", NULL, UNIT_COUNT}},
		},
		{
			.key = "roots",
			.query = "show_roots",
			.limited = true,
			.heading = "\nRoots",
			.columns = {
				{"kind", "Kind", UNIT_TEXT},
				{"label", "Name", UNIT_TEXT},
				{"frame", "Frame", UNIT_TEXT},
				{"address", "Held at", UNIT_TEXT},
			},
		},
		{
			.key = "referrers",
			.query = "referrers",
			.limited = true,
			.heading = "\nReferred to by",
			.columns = {
				{"label", "Label", UNIT_TEXT},
				{"kind", "Kind", UNIT_TEXT},
				{"referrer", "Object", UNIT_TEXT},
				{"referrer_type", "Type", UNIT_TEXT},
				{"value", "Value", UNIT_TEXT},
				{"path", "Alive as", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
