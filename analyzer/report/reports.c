/*
 * The reports: which queries, and which of their columns text shows.
 */
#include "report/report.h"

/* A table of data: an indent a level. */
/* clang-format off */
static const struct report_section frame_sections[] = {
	{
		.key = "locals",
		.query = "frame_locals",
		.limited = true,
		.top = 30,
		.more = "    ... and more: --top N shows N, --top 0 all",
		.text = "    {name}[ = {value}]: {type} at {address}"
			"[, in the cell at {cell}]",
	},
	{.key = NULL},
};

static const struct report_section thread_sections[] = {
	{
		.key = "frames",
		.query = "thread_frames",
		.limited = true,
		.top = 100,
		.empty = "  no Python frame",
		.more = "  ... and more: --top N shows N, --top 0 all",
		.text = "  File \"{file}\"[, line {line}], in {function}",
		.each = frame_sections,
	},
	{.key = NULL},
};

static const struct report reports[] = {
	{
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
				.text = "\n{sentence}.\n   {advice}",
			},
			{
				.key = "accounting",
				.query = "accounting",
				.limited = true,
				.top = 18,
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
				.key = "findings",
				.query = "findings",
				.limited = true,
				.top = 4,
				.heading = "\nFindings",
				.empty = "\nNothing stands out.",
				.text = "{rank}. {severity}: {title} ({bytes})\n   "
					"{advice}",
				.columns = {
					{"severity", NULL, UNIT_SEVERITY},
					{"bytes", NULL, UNIT_BYTES},
				},
			},
			{
				.key = "anomalies",
				.query = "anomalies_total",
				.single = true,
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
	},
	{
		.name = "types",
		.sections = {
			{
				.key = "total",
				.query = "types_total",
				.single = true,
				.text = "Partition of a set of {objects} objects. "
					"Total size = "
					"{bytes}.",
				.columns = {
					{"objects", NULL, UNIT_COUNT},
					{"bytes", NULL, UNIT_BYTES},
				},
			},
			{
				.key = "types",
				.query = "types",
				.limited = true,
				.columns = {
					{"objects", "Count", UNIT_COUNT},
					{"objects_percent", "%", UNIT_PERCENT},
					{"bytes", "Size", UNIT_BYTES},
					{"bytes_percent", "%", UNIT_PERCENT},
					{"cumulative_bytes", "Cumulative",
					 UNIT_BYTES},
					{"cumulative_percent", "%",
					 UNIT_PERCENT},
					{"type", "Type", UNIT_TEXT},
				},
			},
		},
	},
	{
		.name = "leaks",
		.sections = {
			{
				.key = "total",
				.query = "leaks_total",
				.single = true,
				.text = "Leaks: {leaks}, of {objects} objects, {bytes}.",
				.columns = {
					{"leaks", NULL, UNIT_COUNT},
					{"objects", NULL, UNIT_COUNT},
					{"bytes", NULL, UNIT_BYTES},
				},
			},
			{
				.key = "leaks",
				.query = "leaks",
				.limited = true,
				.columns = {
					{"kind", "Kind", UNIT_TEXT},
					{"grade", "Grade", UNIT_TEXT},
					{"leaks", "Count", UNIT_COUNT},
					{"objects", "Objects", UNIT_COUNT},
					{"bytes", "Size", UNIT_BYTES},
					{"type", "Type", UNIT_TEXT},
					{"example", "Example", UNIT_TEXT},
					{"explanation", "Explanation",
					 UNIT_TEXT},
				},
			},
		},
	},
	{
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
					{"address", "Address", UNIT_TEXT},
					{"objects", "Objects", UNIT_COUNT},
					{"bytes", "Size", UNIT_BYTES},
					{"type", "Type", UNIT_TEXT},
					{"explanation", "Explanation",
					 UNIT_TEXT},
				},
			},
		},
	},
	{
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
	},
	{
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
	},
	{
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
	},
	{
		.name = "threads",
		.sections = {
			{
				.key = "total",
				.query = "threads_total",
				.single = true,
				.text = "{threads} threads, {frames} Python frames; "
					"the most recent call of each comes first.",
				.columns = {
					{"threads", NULL, UNIT_COUNT},
					{"frames", NULL, UNIT_COUNT},
				},
			},
			{
				.key = "threads",
				.query = "threads",
				.limited = true,
				.top = 100,
				.more = "\n... and more: --top N shows N, --top 0 all",
				.text = "\nThread {tid}[ \"{name}\"][, at "
					"{instruction_pointer}][ in {module}][: {gone}]",
				.each = thread_sections,
			},
		},
	},
	{
		.name = "show",
		.sections = {
			{
				.key = "object",
				.query = "show_object",
				.single = true,
				.text = "{type} object at {address}[, {offset} bytes "
					"before {asked}][, in {field}]"
					"[ = {value}]\n"
					"  size {size}[, owns {owned_size}][, retains "
					"{retained_size}]\n"
					"  refcount {refcount}, found {found_refs}[, "
					"surplus {surplus}]\n"
					"  {state}[, generation {gc_generation}][, "
					"{flags}]"
					"[, {distance} references from a root][, in "
					"cycle {cycle_id}]",
				.columns = {
					{"size", NULL, UNIT_BYTES},
					{"owned_size", NULL, UNIT_BYTES},
					{"retained_size", NULL, UNIT_BYTES},
					{"surplus", NULL, UNIT_SIGNED},
				},
			},
			{
				.key = "block",
				.query = "show_block",
				.single = true,
				.text = "{state} block of {size} at {address}[: {kind}]"
					"[, {offset} bytes before {asked}][, in {field}], "
					"{allocator}"
					"[\n  of the {owner_type} object at {owner}]"
					"[\n  {confidence} by {evidence}]"
					"[\n  held by {holder}][\n  begins with "
					"{first_word}]",
				.columns = {{"size", NULL, UNIT_BYTES}},
			},
			{
				.key = "symbol",
				.query = "show_symbol",
				.single = true,
				.text = "{asked} is {name}[ + {offset}], a {kind} of {size} "
					"at {address}",
				.columns = {{"size", NULL, UNIT_BYTES}},
			},
			{
				.key = "stack",
				.query = "show_stack",
				.single = true,
				.text = "on the stack of thread {tid}[ \"{name}\"], {state}: "
					"{distance} {side} its stack pointer {stack_pointer}",
				.columns = {{"distance", NULL, UNIT_BYTES}},
			},
			{
				.key = "frame",
				.query = "show_frame",
				.single = true,
				.text = "  [{offset} bytes behind the start of ]the frame "
					"at {address}, in thread {tid}:\n"
					"  File \"{file}\"[, line {line}], in {function}",
			},
			{
				.key = "unknown",
				.query = "show_unknown",
				.single = true,
				.text = "{address} is {place}",
			},
			{
				.key = "pool",
				.query = "show_pool",
				.single = true,
				.text = "  in the pool at {address}: {used} of "
					"{capacity} blocks of "
					"{block_size} in use",
				.columns = {
					{"block_size", NULL, UNIT_BYTES},
					{"used", NULL, UNIT_COUNT},
					{"capacity", NULL, UNIT_COUNT},
				},
			},
			{
				.key = "arena",
				.query = "show_arena",
				.single = true,
				.text = "  in the {allocator} arena at {address}: "
					"{used} of {size} in "
					"use",
				.columns = {
					{"used", NULL, UNIT_BYTES},
					{"size", NULL, UNIT_BYTES},
				},
			},
			{
				.key = "mapping",
				.query = "show_mapping",
				.single = true,
				.text = "  in the mapping {address}-{end} {perms} "
					"({kind})[ of {path}][ at its offset "
					"{file_offset}]"
					"[, {missing} not in the dump]",
				.columns = {{"missing", NULL, UNIT_BYTES}},
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
				.key = "referents",
				.query = "show_referents",
				.limited = true,
				.heading = "\nRefers to",
				.columns = {
					{"label", "Label", UNIT_TEXT},
					{"kind", "Kind", UNIT_TEXT},
					{"referent", "Object", UNIT_TEXT},
					{"referent_type", "Type", UNIT_TEXT},
					{"value", "Value", UNIT_TEXT},
				},
			},
			{
				.key = "referrers",
				.query = "show_referrers",
				.limited = true,
				.heading = "\nReferred to by",
				.columns = {
					{"label", "Label", UNIT_TEXT},
					{"kind", "Kind", UNIT_TEXT},
					{"referrer", "Object", UNIT_TEXT},
					{"referrer_type", "Type", UNIT_TEXT},
					{"value", "Value", UNIT_TEXT},
				},
			},
		},
	},
};
/* clang-format on */

const struct report *report_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(reports); i++)
		if (strcmp(reports[i].name, name) == 0)
			return &reports[i];
	return NULL;
}
