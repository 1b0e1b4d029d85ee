#include "report/reports/reports.h"

/* clang-format off */
const struct report report_heap = {
	.name = "heap",
	.sections = {
		{
			.key = "total",
			.query = "heap_total",
			.single = true,
			.text = "{blocks} blocks in use that are no objects, "
				"{bytes}; {known} of a known kind, {known_bytes}; "
				"{unknown} unknown, {unknown_bytes}.",
			.columns = {
				{"blocks", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
				{"known", NULL, UNIT_COUNT},
				{"known_bytes", NULL, UNIT_BYTES},
				{"unknown", NULL, UNIT_COUNT},
				{"unknown_bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "arenas",
			.query = "heap_arenas",
			.limited = true,
			.heading = "\nArenas of the C library",
			.empty = "\nThe C library's heap was not found.",
			.columns = {
				{"allocator", "allocator", UNIT_TEXT},
				{"address", "address", UNIT_TEXT},
				{"bytes", "bytes", UNIT_BYTES},
				{"used", "in use", UNIT_BYTES},
				{"free", "free", UNIT_BYTES},
				{"cached", "cached", UNIT_BYTES},
				{"top", "top", UNIT_BYTES},
			},
		},
		{
			.key = "kinds",
			.query = "heap_kinds",
			.limited = true,
			.heading = "\nBlocks in use, by kind",
			.columns = {
				{"kind", "Kind", UNIT_TEXT},
				{"confidence", "Sure", UNIT_TEXT},
				{"allocator", "Allocator", UNIT_TEXT},
				{"blocks", "Count", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"example", "Example", UNIT_TEXT},
				{"owner_type", "Owner", UNIT_TEXT},
				{"evidence", "Evidence", UNIT_TEXT},
			},
		},
		{
			.key = "holders",
			.query = "heap_holders",
			.limited = true,
			.heading = "\nBlocks of unknown use, by what holds them",
			.columns = {
				{"holder", "Held by", UNIT_TEXT},
				{"blocks", "Count", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
			},
		},
		{
			.key = "unknown",
			.query = "heap_unknown",
			.limited = true,
			.heading = "\nThe same, by size and first word",
			.columns = {
				{"size", "Block", UNIT_COUNT},
				{"blocks", "Count", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"allocator", "Allocator", UNIT_TEXT},
				{"example", "Example", UNIT_TEXT},
				{"holder", "Held by", UNIT_TEXT},
				{"first_word", "First word", UNIT_TEXT},
			},
		},
		{
			.key = "unused",
			.query = "heap_unused",
			.limited = true,
			.heading = "\nFree and cached blocks, by size",
			.columns = {
				{"state", "State", UNIT_TEXT},
				{"size", "Block", UNIT_COUNT},
				{"blocks", "Count", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
			},
		},
	},
};
/* clang-format on */
