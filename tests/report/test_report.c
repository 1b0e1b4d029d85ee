#include "report/report.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static char *text_of_value(enum unit unit, struct store_value value)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	write_value(file, unit, value);
	fclose(file);
	return text;
}

static void expect_integer(enum unit unit, int64_t integer, const char *expected)
{
	CLEANUP_FREE char *text = text_of_value(
		unit, (struct store_value){.kind = STORE_INTEGER, .integer = integer});

	cr_assert_str_eq(text, expected);
}

Test(format, writes_numbers_for_people)
{
	expect_integer(UNIT_BYTES, 0, "0 B");
	expect_integer(UNIT_BYTES, 1023, "1023 B");
	expect_integer(UNIT_BYTES, 1024, "1.0 KiB");
	expect_integer(UNIT_BYTES, 1258291, "1.2 MiB");
	expect_integer(UNIT_BYTES, 1048575, "1.0 MiB");
	expect_integer(UNIT_BYTES, -1, "16.0 EiB");
	expect_integer(UNIT_COUNT, 999, "999");
	expect_integer(UNIT_COUNT, 1000, "1,000");
	expect_integer(UNIT_COUNT, -123456, "-123,456");
	expect_integer(UNIT_SIGNED, 1, "+1");
	expect_integer(UNIT_SECONDS, 2, "2.0 s");
	expect_integer(UNIT_SECONDS, 0, "0.0 ms");
	expect_integer(UNIT_RAW, 1000, "1000");
	expect_integer(UNIT_BAR, 50, "##########..........");
	expect_integer(UNIT_BAR, 900, "####################");
}

static struct store_value text_value(const char *text, size_t length)
{
	return (struct store_value){.kind = STORE_TEXT, .text = text, .length = length};
}

Test(format, lets_no_control_character_reach_a_terminal)
{
	CLEANUP_FREE char *text =
		text_of_value(UNIT_TEXT, text_value("a\033[2J\n\xc2\x9b\xff\xc3\xa9", 11));

	cr_assert_str_eq(text, "a\\x1b[2J\\x0a\\xc2\\x9b\\xff\xc3\xa9");
}

Test(format, writes_json_strings_that_parse)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	write_json_string(file, "q\"b\\n\nz\0e\x01\xed\xa0\x80\xc3\xa9\xe2\x82", 17);
	fclose(file);
	cr_assert_str_eq(text, "\"q\\\"b\\\\n\\nz\\u0000e\\u0001\\ufffd\\ufffd\\ufffd"
			       "\xc3\xa9\\ufffd\\ufffd\"");
	free(text);
}

typedef const struct snapshot *build_fn(struct snapshot_builder *builder);

/* A report of what is built, as one text. */
static char *report_text_of(build_fn *build, const char *name, struct report_output output)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	CLEANUP(store_releasep) struct store *store = NULL;
	char path[] = "/tmp/heapsect-test-XXXXXX";
	struct error err = {0};
	char *text;
	size_t size;

	close(mkstemp(path));
	cr_assert(store_write(path, build(builder), &err), "%s", err.message);
	store = store_open(path, &err);
	unlink(path);
	output.file = open_memstream(&text, &size);
	cr_assert(report_write(&output, report_find(name), store, NULL, 0, &err), "%s",
		  err.message);
	fclose(output.file);
	return text;
}

static char *report_text(const char *name, struct report_output output)
{
	return report_text_of(build_sample, name, output);
}

static void expect_text(const char *text, const char *part)
{
	cr_assert(strstr(text, part) != NULL, "there is no '%s' in:\n%s", part, text);
}

Test(report, summary_names_process_memory_and_findings)
{
	CLEANUP_FREE char *text =
		report_text("summary", (struct report_output){.top = REPORT_TOP_DEFAULT});
	size_t lines = 0;

	expect_text(text, "core.42: process 42, stopped for 12.5 ms\n");
	expect_text(text, "dump          1.0 MiB  100.0  ####################      1\n");
	expect_text(text, "\n  objects       768 B");
	expect_text(text, "7 objects of 5 types, 5 references; 2 objects garbage, 1 leaked\n");
	expect_text(text, "1. critical: 1 bytes object leaked\n   its count is 1, ");
	expect_text(text, "2 places");
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	cr_assert_lt(lines, 24u);
}

Test(report, types_are_a_partition_with_cumulative_columns)
{
	CLEANUP_FREE char *text =
		report_text("types", (struct report_output){.top = REPORT_TOP_DEFAULT});

	expect_text(text, "Partition of a set of 7 objects. Total size = 704 B.\n");
	expect_text(text, "    1  14.3  320 B  45.5       320 B   45.5         -  list\n");
}

Test(report, says_that_a_table_was_cut)
{
	CLEANUP_FREE char *cut = report_text("types", (struct report_output){.top = 2});
	CLEANUP_FREE char *whole = report_text("types", (struct report_output){.top = 5});
	CLEANUP_FREE char *all = report_text("types", (struct report_output){.top = 0});

	expect_text(cut, "... and more");
	cr_assert_null(strstr(cut, "bytes"));
	cr_assert_null(strstr(whole, "... and more"));
	cr_assert_str_eq(whole, all);
}

Test(report, json_has_exact_bytes)
{
	CLEANUP_FREE char *text =
		report_text("leaks", (struct report_output){.json = true, .top = 1});

	expect_text(text, "{\"report\": \"leaks\",\n \"total\": {\"leaks\": 2, \"groups\": 2, "
			  "\"objects\": 3, \"bytes\": 192, \"new_groups\": null},\n "
			  "\"leaks\": [\n  {\"row\": 1, \"kind\": \"garbage\"");
	cr_assert_null(strstr(text, "refcount"));
}

Test(report, cycles_show_garbage_and_its_pattern)
{
	CLEANUP_FREE char *text =
		report_text("cycles", (struct report_output){.top = REPORT_TOP_DEFAULT});

	expect_text(text, "garbage: 1 cycles, 2 objects, 128 B, 128 B with what they hold\n"
			  "   app.Node.next → app.Node.prev   (example 0x7f0000000130)\n"
			  "   make Node.prev a weakref: weakref.ref\n"
			  "   counting alone would free 2 objects, 128 B then\n");
	cr_assert_null(strstr(text, "Of all garbage")); /* it is the only pattern */
	cr_assert_null(strstr(text, "Not shown"));
}

Test(report, pools_are_laid_out_like_debugmallocstats)
{
	CLEANUP_FREE char *text =
		report_text("pools", (struct report_output){.top = REPORT_TOP_DEFAULT});

	expect_text(text, "class  size  num pools  blocks in use  avail blocks");
	expect_text(text, "    3    64          1              7            56");
	expect_text(text, "pymalloc        1  1.0 MiB");
}

/* A generator that is executing, with a local in a cell; a thread without Python. */
static const struct snapshot *build_threads(struct snapshot_builder *builder)
{
	struct snapshot *snapshot = builder_snapshot(builder);
	addr_t base = 0x7f0000000000;
	static const char *const types[] = {"builtins.generator", "builtins.int",
					    "builtins.cell", "builtins.str"};

	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		builder_object(builder,
			       (struct built_object){.address = base + i * 0x100,
						     .size = 0x80,
						     .type = builder_type(builder, types[i]),
						     .value = i == 1 ? "42" : NULL});
	builder_reference(builder, 0, "gi_code", 3, REFERENCE_COUNTED);
	builder_reference(builder, 0, "local n", 1, REFERENCE_TRAVERSED);
	builder_reference(builder, 0, "local text", 2, REFERENCE_TRAVERSED);
	builder_reference(builder, 2, "ob_ref", 3, REFERENCE_TRAVERSED);
	builder_root(builder, 0, ROOT_GLOBAL, "generator");
	vector_push(&snapshot->threads, ((struct thread_report){10, "main", 0x1000, 0x2000}));
	vector_push(&snapshot->threads, ((struct thread_report){11, "", 0, 0}));
	for (uint32_t i = 0; i < 3; i++)
		vector_push(&snapshot->frames,
			    ((struct frame_report){.depth = i,
						   .function = "f",
						   .file = "f.py",
						   .line = i,
						   .address = base + 0x40 + i * 0x1000}));
	return builder_finish(builder);
}

Test(report, threads_have_frames_and_these_have_locals)
{
	CLEANUP_FREE char *all = report_text_of(
		build_threads, "threads", (struct report_output){.top = REPORT_TOP_DEFAULT});
	CLEANUP_FREE char *cut =
		report_text_of(build_threads, "threads", (struct report_output){.top = 1});

	cr_assert_str_eq(all, "2 threads, 3 Python frames; the most recent call of each comes "
			      "first.\n"
			      "\nThread 10 \"main\", at 0x1000\n"
			      "  File \"f.py\", in f\n"
			      "    n = 42: builtins.int at 0x7f0000000100\n"
			      "    text: builtins.str at 0x7f0000000300, in the cell at "
			      "0x7f0000000200\n"
			      "  File \"f.py\", line 1, in f\n"
			      "  File \"f.py\", line 2, in f\n"
			      "\nThread 11: not in the dump\n"
			      "  no Python frame\n");
	expect_text(cut, "0x7f0000000100\n    ... and more: --top N shows N, --top 0 all\n"
			 "  ... and more");
	cr_assert_null(strstr(cut, "Thread 11"));
}

Test(report, sections_of_a_row_are_members_in_json)
{
	CLEANUP_FREE char *text = report_text_of(
		build_threads, "threads", (struct report_output){.json = true, .top = 1});

	expect_text(text, "\"gone\": null,\n \"frames\": [\n  {\"id\": 1, \"depth\": 0, ");
	expect_text(text,
		    "\"address\": \"0x7f0000000040\",\n \"locals\": [\n  {\"name\": \"n\", ");
	expect_text(text, "\"cell\": null}\n ]}\n ]}\n ]\n}\n");
}

Test(report, colours_only_when_told_to)
{
	CLEANUP_FREE char *plain =
		report_text("summary", (struct report_output){.top = REPORT_TOP_DEFAULT});
	CLEANUP_FREE char *coloured = report_text(
		"summary", (struct report_output){.top = REPORT_TOP_DEFAULT, .colour = true});

	cr_assert_null(strchr(plain, '\033'));
	expect_text(coloured, "\033[31mcritical\033[0m");
}

Test(report, knows_no_report_of_another_name)
{
	cr_assert_null(report_find("nothing"));
}
