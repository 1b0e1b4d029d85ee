#include "report/reports/reports.h"

/* clang-format off */
const struct report report_pools = {
	.name = "pools",
	.sections = {
		{
			.key = "classes",
			.query = "size_classes",
			.limited = true,
			.top = REPORT_TOP_ALL,
			.heading = "Small blocks, by size",
			.empty = "No allocator of this process has pools.",
			.columns = {
				{"class", "class", UNIT_COUNT},
				{"block_size", "size", UNIT_COUNT},
				{"pools", "num pools", UNIT_COUNT},
				{"used_blocks", "blocks in use",
				 UNIT_COUNT},
				{"free_blocks",
				 "avail blocks", UNIT_COUNT},
				{"bytes", "bytes", UNIT_BYTES},
				{"free_bytes", "avail", UNIT_BYTES},
			},
		},
		{
			.key = "arenas",
			.query = "arenas",
			.limited = true,
			.heading = "\nArenas",
			.columns = {
				{"allocator", "allocator", UNIT_TEXT},
				{"arenas", "arenas", UNIT_COUNT},
				{"bytes", "bytes", UNIT_BYTES},
				{"used", "in use", UNIT_BYTES},
				{"free", "avail", UNIT_BYTES},
				{"pools", "pools", UNIT_COUNT},
				{"free_pools", "free pools",
				 UNIT_COUNT},
				{"free_arenas", "free arenas",
				 UNIT_COUNT},
			},
		},
		{
			.key = "pins",
			.query = "pins",
			.limited = true,
			.heading = "\nWhat pins them",
			.columns = {
				{"pins", "Pins", UNIT_COUNT},
				{"bytes", "Size", UNIT_BYTES},
				{"arenas", "Arenas", UNIT_COUNT},
				{"arena_bytes", "Keep", UNIT_BYTES},
				{"type", "Type", UNIT_TEXT},
				{"example", "Example", UNIT_TEXT},
				{"path", "Path", UNIT_TEXT},
			},
		},
	},
};
/* clang-format on */
