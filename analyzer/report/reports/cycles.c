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
			.top = 8,
			.text = "\n{state}: {cycles} cycles, {objects} objects, {bytes}"
				"[, {held_bytes} with what they hold]"
				"[, {finalizers} objects with finalizers]"
				"\n   {pattern}   (example {example})"
				"[\n   {todo}]"
				"[\n   counting alone would free {freed_objects} objects, "
				"{freed_bytes} then]"
				"[\n   without {live_edge}, {edge_cycles} would be no cycles]"
				"[\n   garbage when {owner} lets go: {owner_cycles} of them]",
			.more = "\n... and more: --top N shows N, --top 0 all",
			.columns = {
				{"cycles", NULL, UNIT_COUNT},
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
				{"held_bytes", NULL, UNIT_BYTES},
				{"finalizers", NULL, UNIT_COUNT},
				{"freed_objects", NULL, UNIT_COUNT},
				{"freed_bytes", NULL, UNIT_BYTES},
				{"edge_cycles", NULL, UNIT_COUNT},
				{"owner_cycles", NULL, UNIT_COUNT},
			},
		},
		{
			.key = "best",
			.query = "cycles_best",
			.single = true,
			.text = "\nOf all garbage, {garbage_objects} objects, {garbage_bytes}, "
				"most waits for {edge}:\nwithout it counting alone would "
				"free {objects} objects, {bytes}.",
			.columns = {
				{"garbage_objects", NULL, UNIT_COUNT},
				{"garbage_bytes", NULL, UNIT_BYTES},
				{"objects", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "own",
			.query = "cycles_own",
			.single = true,
			.text = "\nNot shown: [{classes} classes' own cycles][ and "
				"{modules} modules' own], {bytes}.",
			.columns = {
				{"classes", NULL, UNIT_COUNT},
				{"modules", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
	},
};
/* clang-format on */
