#include "report/reports/reports.h"

/* clang-format off */
const struct report report_show = {
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
			.key = "immortal",
			.query = "show_immortal",
			.single = true,
			.text = "\nIt is immortal: its count, {refcount}, means nothing.",
		},
		{
			.key = "account",
			.query = "show_account",
			.limited = true,
			.heading = "\nAccount of its count",
			.columns = {
				{"units", "References", UNIT_COUNT},
				{"kind", "Kind", UNIT_TEXT},
				{"holder", "Held by", UNIT_TEXT},
				{"example", "At", UNIT_TEXT},
				{"path", "Which is", UNIT_TEXT},
			},
			.fits = {{"holder", 56, false}, {"path", 40, true}},
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
			.key = "scan",
			.query = "show_scan",
			.single = true,
			.text = "[\nWords with its address, in {bytes} of the dump: {words}]"
				"[\nNot looked for in all memory: {problem}]",
			.columns = {
				{"words", NULL, UNIT_COUNT},
				{"bytes", NULL, UNIT_BYTES},
			},
		},
		{
			.key = "words",
			.query = "show_words",
			.limited = true,
			.columns = {
				{"status", "Is", UNIT_TEXT},
				{"place", "In", UNIT_TEXT},
				{"address", "At", UNIT_TEXT},
				{"into_it", "Points into it", UNIT_SIGNED},
			},
			.fits = {{"place", 80, false}, {"into_it", 0, true}},
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
};
/* clang-format on */
