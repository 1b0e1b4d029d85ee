#include "report/reports/reports.h"

enum { SCREEN = 100 }; /* columns */

/* clang-format off */
const struct report report_summary = {
	.name = "summary",
	.sections = {
		{
			.key = "process",
			.query = "process",
			.single = true,
			.text = "{source}[: process {process}][, {command_line}]"
				"[, stopped for {stopped_seconds}]"
				"[\n{executable}][, {runtime}][ "
				"{runtime_version}]"
				"[, layouts from {layout_source}]",
			.columns = {{"stopped_seconds", NULL, UNIT_SECONDS}},
		},
		{
			.key = "verdict",
			.query = "verdict",
			.single = true,
			.wrap = SCREEN,
			.text = "\n{sentence}.",
		},
		{
			.key = "findings",
			.query = "findings",
			.limited = true,
			.top = 3,
			.wrap = SCREEN,
			.heading = "\nFindings",
			.empty = "\nNothing stands out.",
			.more = "... and more: --top N shows N, --top 0 all",
			.text = "{rank}. {severity}: {title}[\n   {seen}.]\n   "
				"-> {advice}.",
			.columns = {
				{"severity", NULL, UNIT_SEVERITY},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "accounting",
			.query = "accounting",
			.limited = true,
			.top = 10,
			.heading = "\nWhere every byte is",
			.columns = {
				{"bucket", "Memory", UNIT_TREE},
				{"bytes", "Size", UNIT_BYTES},
				{"percent", "%", UNIT_PERCENT},
				{"percent", "", UNIT_BAR},
				{"count", "Count", UNIT_COUNT},
			},
		},
		{
			.key = "undumped",
			.query = "undumped",
			.single = true,
			.text = "Not in the dump[, {files} of mapped files]"
				"[, {reserved} of reserved addresses]"
				"[, {other} of other memory]",
			.columns = {
				{"files", NULL, UNIT_BYTES},
				{"reserved", NULL, UNIT_BYTES},
				{"other", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "contents",
			.query = "contents",
			.single = true,
			.text = "\n{objects} objects of {types} types, {refs} "
				"references; "
				"{garbage} objects garbage, {leaked} leaked",
			.columns = {
				{"objects", NULL, UNIT_COUNT},
				{"types", NULL, UNIT_COUNT},
				{"refs", NULL, UNIT_COUNT},
				{"garbage", NULL, UNIT_COUNT},
				{"leaked", NULL, UNIT_COUNT},
			},
		},
		{
			.key = "anomalies",
			.query = "anomalies_total",
			.single = true,
			.wrap = SCREEN,
			.empty =
				"\nNothing in the dump was damaged or missing.",
			.text = "\nNot understood: {times} places, most "
				"often: {message} ({stage}).\n"
				"All {kinds}: heapsect sql SNAPSHOT 'SELECT * FROM "
				"anomalies'",
			.columns = {
				{"times", NULL, UNIT_COUNT},
				{"kinds", NULL, UNIT_COUNT},
			},
		},
	},
};
/* clang-format on */
