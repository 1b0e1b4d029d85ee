#include "report/reports/reports.h"

/* clang-format off */
const struct report report_gc = {
	.name = "gc",
	.sections = {
		{
			.key = "collectors",
			.query = "gc_collectors",
			.text = "The collector is {switch}[{running}][; debug flags {flags}]."
				"[\nFull collections: {long_lived_total} objects survived the last one, "
				"{long_lived_pending} grew old since then; the next one waits for more "
				"than {next_full}.]",
			.empty = "No collector is known in this process.",
			.columns = {
				{"long_lived_total", NULL, UNIT_COUNT},
				{"long_lived_pending", NULL, UNIT_COUNT},
				{"next_full", NULL, UNIT_COUNT},
			},
		},
		{
			.key = "tracked",
			.query = "gc_tracked",
			.single = true,
			.text = "{tracked} objects are tracked[; {in_cycles}, {in_cycles_percent} %, are "
				"in a cycle][;\n{leaves}, {leaves_percent} %, can be in none as they "
				"are: nothing that they refer to is\ntracked or leads to something "
				"tracked (their types aside)].",
			.columns = {
				{"tracked", NULL, UNIT_COUNT},
				{"in_cycles", NULL, UNIT_COUNT},
				{"in_cycles_percent", NULL, UNIT_PERCENT},
				{"leaves", NULL, UNIT_COUNT},
				{"leaves_percent", NULL, UNIT_PERCENT},
			},
		},
		{
			.key = "generations",
			.query = "gc_generations",
			.heading = "\nGenerations",
			.columns = {
				{"name", "Generation", UNIT_TEXT},
				{"objects", "Objects", UNIT_COUNT},
				{"count", "Count", UNIT_COUNT},
				{"threshold", "Threshold", UNIT_COUNT},
				{"collections", "Collections", UNIT_COUNT},
				{"collected", "Collected", UNIT_COUNT},
				{"uncollectable", "Uncollectable", UNIT_COUNT},
				{"in_cycles", "In cycles", UNIT_COUNT},
				{"leaves", "In none", UNIT_COUNT},
			},
		},
		{
			.key = "passes",
			.query = "gc_passes",
			.heading = "\nWhat a collection would do now",
			.columns = {
				{"generation", "Generation", UNIT_TEXT},
				{"would_visit", "Visits", UNIT_COUNT},
				{"would_follow", "References", UNIT_COUNT},
				{"would_find", "Garbage", UNIT_COUNT},
				{"would_find_bytes", "Size", UNIT_BYTES},
			},
		},
		{
			.key = "types",
			.query = "gc_types",
			.limited = true,
			.heading = "\nWhat is tracked",
			.columns = {
				{"objects", "Objects", UNIT_COUNT},
				{"percent", "%", UNIT_PERCENT},
				{"in_cycles", "In cycles", UNIT_COUNT},
				{"leaves", "In none", UNIT_COUNT},
				{"type", "Type", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
