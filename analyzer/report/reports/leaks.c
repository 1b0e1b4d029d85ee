#include "report/reports/reports.h"

/* clang-format off */
const struct report report_leaks = {
	.name = "leaks",
	.sections = {
		{
			.key = "total",
			.query = "leaks_total",
			.single = true,
			.text = "Leaks: {leaks} in {groups} groups[, {new_groups} of them new]; "
				"{objects} objects, {bytes}.",
			.columns = {
				{"leaks", NULL, UNIT_COUNT},
				{"groups", NULL, UNIT_COUNT},
				{"new_groups", NULL, UNIT_COUNT},
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "leaks",
			.query = "leaks",
			.limited = true,
			.columns = {
				{"row", "", UNIT_COUNT},
				{"kind", "Kind", UNIT_TEXT},
				{"grade", "Grade", UNIT_TEXT},
				{"known", "Known", UNIT_TEXT},
				{"leaks", "Count", UNIT_COUNT},
				{"objects", "Objects", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"type", "Type", UNIT_TEXT},
				{"holder", "Could be held by", UNIT_TEXT},
				{"example", "Example", UNIT_TEXT},
			},
			.fits = {
				{"known", 0, true},
				{"type", 30, false},
				{"holder", 20, true},
			},
		},
		{
			.key = "why",
			.query = "leaks_why",
			.limited = true,
			.heading = "\nWhy",
			.text = "{rows}: {why}[\n   {holder}: {evidence}]",
			.fits = {
				{"rows", 24, false},
				{"why", 120, false},
				{"holder", 40, false},
			},
		},
		{
			.key = "extensions",
			.query = "leaks_extensions",
			.single = true,
			.text = "\nCode that works on objects and is not the interpreter's "
				"own: {modules}",
			.fits = {{"modules", 240, false}},
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
				{"known", "Known", UNIT_TEXT},
				{"address", "Address", UNIT_TEXT},
				{"objects", "Objects", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"type", "Type", UNIT_TEXT},
				{"fingerprint", "Fingerprint", UNIT_TEXT},
				{"explanation", "Explanation",
				 UNIT_TEXT},
			},
			.fits = {{"known", 0, true}},
		},
	},
};
/* clang-format on */
