#include "report/reports/reports.h"

/*
 * Sections that the reports share: of two snapshots, of a series, of two with their objects.
 */
/* clang-format off */
#define DIFF_HEAD                                                                   \
	{                                                                           \
		.key = "findings",                                                  \
		.query = "diff_findings",                                           \
		.limited = true,                                                    \
		.top = 3,                                                           \
		.heading = "What grew most",                                        \
		.empty = "Nothing grew.",                                           \
		.text = "{rank}. {bytes}: {sentence}",                              \
		.columns = {{"bytes", NULL, UNIT_SIGNED_BYTES}},                    \
	},                                                                          \
	{                                                                           \
		.key = "snapshots",                                                 \
		.query = "diff_snapshots",                                          \
		.heading = "\nSnapshots",                                           \
		.columns = {                                                        \
			{"source", "Of", UNIT_TEXT},                                \
			{"pid", "Process", UNIT_TEXT},                              \
			{"objects", "Objects", UNIT_COUNT},                         \
			{"bytes", "Size", UNIT_BYTES},                              \
			{"dumped_bytes", "Dump", UNIT_BYTES},                       \
		},                                                                  \
	},                                                                          \
	{                                                                           \
		.key = "lineage",                                                   \
		.query = "diff_lineage",                                            \
		.single = true,                                                     \
		.text = "{sentence}",                                               \
	}

/* A table of things that were and are, by how they differ. */
#define DIFF_TABLE(section, rows, title, ...)                                       \
	{                                                                           \
		.key = section,                                                     \
		.query = "diff_" section,                                           \
		.limited = true,                                                    \
		.top = rows,                                                        \
		.heading = "\n" title,                                              \
		.columns = {__VA_ARGS__},                                           \
	}

#define OBJECTS       {"objects", "Objects", UNIT_SIGNED}
#define BYTES         {"bytes", "Size", UNIT_SIGNED_BYTES}
#define RETAINED      {"retained_bytes", "Retained", UNIT_SIGNED_BYTES}
#define BEFORE        {"old_bytes", "Was", UNIT_BYTES}
#define NOW           {"new_bytes", "Is", UNIT_BYTES}
#define SERIES        {"objects_series", "Objects in each", UNIT_TEXT}
#define TEXT(a, b)    {a, b, UNIT_TEXT}

const struct report report_diff = {
	.name = "diff",
	.sections = {
		DIFF_HEAD,
		DIFF_TABLE("places", 10, "Where it grew", OBJECTS, BYTES, TEXT("type", "Type"),
			   TEXT("path", "Path")),
		DIFF_TABLE("types", 10, "What grew, by type", OBJECTS, BYTES, RETAINED, BEFORE, NOW,
			   TEXT("type", "Type")),
		DIFF_TABLE("accounting", 12, "Where every byte is",
			   {"bucket", "Memory", UNIT_TREE}, BYTES, BEFORE, NOW, OBJECTS),
		DIFF_TABLE("leaks", 10, "Leaks", OBJECTS, BYTES, TEXT("kind", "Kind"),
			   TEXT("explanation", "Explanation")),
		DIFF_TABLE("cycles", 10, "Cycles", OBJECTS, BYTES, TEXT("state", "State"),
			   TEXT("pattern", "Pattern")),
		DIFF_TABLE("blocks", 10, "Blocks", {"objects", "Blocks", UNIT_SIGNED}, BYTES,
			   BEFORE, NOW, TEXT("kind", "Kind")),
		DIFF_TABLE("heaps", 10, "Allocators", {"objects", "Count", UNIT_SIGNED}, BYTES,
			   BEFORE, NOW, TEXT("kind", "Memory")),
	},
};

const struct report report_diff_series = {
	.name = "diff_series",
	.sections = {
		DIFF_HEAD,
		DIFF_TABLE("places", 10, "Where it grew every time", BYTES, SERIES,
			   TEXT("type", "Type"), TEXT("path", "Path")),
		DIFF_TABLE("types", 10, "What grew every time, by type", BYTES, RETAINED, SERIES,
			   TEXT("type", "Type")),
		DIFF_TABLE("accounting", 12, "Memory that grew every time",
			   {"bucket", "Memory", UNIT_TREE}, BYTES, BEFORE, NOW, SERIES),
		DIFF_TABLE("leaks", 10, "Leaks that grew every time", BYTES, SERIES,
			   TEXT("kind", "Kind"), TEXT("explanation", "Explanation")),
		DIFF_TABLE("cycles", 10, "Cycles that became more every time", BYTES, SERIES,
			   TEXT("state", "State"), TEXT("pattern", "Pattern")),
		DIFF_TABLE("blocks", 10, "Blocks that grew every time", BYTES, BEFORE, NOW,
			   {"objects_series", "Blocks in each", UNIT_TEXT}, TEXT("kind", "Kind")),
		DIFF_TABLE("heaps", 10, "Allocators' memory that grew every time", BYTES, BEFORE, NOW,
			   {"objects_series", "Count in each", UNIT_TEXT}, TEXT("kind", "Memory")),
	},
};

#define BORN          {"born", "Born", UNIT_COUNT}
#define BORN_BYTES    {"born_bytes", "Size", UNIT_BYTES}
#define DIED          {"died", "Died", UNIT_COUNT}
#define DIED_BYTES    {"died_bytes", "Size", UNIT_BYTES}

const struct report report_diff_objects = {
	.name = "diff_objects",
	.sections = {
		DIFF_HEAD,
		{
			.key = "total",
			.query = "diff_objects_total",
			.single = true,
			.text = "\n{born} objects were born ({born_bytes}), {died} died "
				"({died_bytes}), {survived} survived.\n"
				"{replaced} of those born have the address of one that died.",
			.columns = {
				{"born", NULL, UNIT_COUNT},
				{"born_bytes", NULL, UNIT_BYTES},
				{"died", NULL, UNIT_COUNT},
				{"died_bytes", NULL, UNIT_BYTES},
				{"survived", NULL, UNIT_COUNT},
				{"replaced", NULL, UNIT_COUNT},
			},
		},
		DIFF_TABLE("objects_places", 0, "Born and died, by place", BORN, BORN_BYTES, DIED,
			   DIED_BYTES, TEXT("type", "Type"), TEXT("path", "Path")),
		DIFF_TABLE("objects_types", 0, "Born and died, by type", BORN, BORN_BYTES, DIED,
			   DIED_BYTES, TEXT("type", "Type")),
		DIFF_TABLE("born", 0, "Born", TEXT("address", "Address"),
			   {"retained_bytes", "Retained", UNIT_BYTES}, TEXT("type", "Type"),
			   TEXT("value", "Value"), TEXT("path", "Path")),
		DIFF_TABLE("died", 0, "Died", TEXT("address", "Address"),
			   {"retained_bytes", "Retained", UNIT_BYTES}, TEXT("type", "Type"),
			   TEXT("value", "Value"), TEXT("place", "Was at")),
	},
};
/* clang-format on */
