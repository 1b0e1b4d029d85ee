#include "pipeline/findings/findings.h"
#include "pipeline/findings/scattered.h"
#include "pipeline/paths.h"
#include "runtime/cpython/label_styles.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define KIB 1024u

static struct snapshot_builder *builder;
static struct collection collection;
static uint32_t modules, module, names; /* sys.modules, 'app' in it, and its __dict__ */
static uint32_t dict, list, bytes, str;

static uint32_t type(const char *name, enum object_category category)
{
	struct type_report report = {.name = name, .category = category};

	vector_push(&collection.types, report);
	return builder_type(builder, name);
}

static uint32_t object(uint32_t kind, uint64_t size, const char *value)
{
	static addr_t address = 0x1000;

	address += 16;
	return builder_object(builder, (struct built_object){.address = address,
							     .type = kind,
							     .size = size,
							     .refcount = 1,
							     .state = STATE_LIVE,
							     .value = value});
}

static void refer(uint32_t source, const char *label, uint32_t target)
{
	builder_reference(builder, source, label, target, REFERENCE_TRAVERSED);
}

static void open_process(void)
{
	struct error err = {0};
	uint32_t app;

	builder = snapshot_builder_create();
	cr_assert(collection_init(&collection, &err), "%s", err.message);
	names_free(collection.labels);
	collection.labels = builder_snapshot(builder)->labels;
	dict = type("builtins.dict", CATEGORY_CONTAINERS);
	list = type("builtins.list", CATEGORY_CONTAINERS);
	bytes = type("builtins.bytes", CATEGORY_TEXT);
	str = type("builtins.str", CATEGORY_TEXT);
	modules = object(dict, 64, NULL);
	module = object(type("builtins.module", CATEGORY_TYPES), 64, NULL);
	names = object(dict, 64, NULL);
	app = object(str, 50, "app");
	builder_root(builder, modules, ROOT_INTERPRETER, "interpreter.modules");
	refer(modules, "key", app);
	refer(modules, "value", module);
	refer(module, "md_dict", names);
}

static struct snapshot *finish(void)
{
	struct snapshot *snapshot = (struct snapshot *)builder_finish(builder);
	struct runtime_ops runtime = {.label_style = cpython_label_style};
	struct error err = {0};

	snapshot->reachability.held = calloc(snapshot->graph->object_count + 1, 1);
	for (uint32_t i = 0; i < snapshot->graph->root_count; i++)
		snapshot->reachability.held[snapshot->graph->roots[i].object] = true;
	cr_assert(dominators_compute(snapshot->graph, &snapshot->reachability,
				     &snapshot->dominators, &err));
	cr_assert(paths_find(&collection, &runtime, snapshot, &err), "%s", err.message);
	cr_assert(findings_make(&collection, snapshot, &err), "%s", err.message);
	return snapshot;
}

static void close_process(void)
{
	free(builder_snapshot(builder)->reachability.held);
	collection.labels = NULL;
	snapshot_builder_free(builder);
	collection_release(&collection);
}

/* What names refer to must come before what these refer to. */
static uint32_t global(const char *name, uint32_t kind)
{
	uint32_t value = object(kind, 64, NULL);

	refer(names, "key", object(str, 50, name));
	refer(names, "value", value);
	return value;
}

static void fill(uint32_t container, uint32_t count, uint64_t size)
{
	while (count--)
		refer(container, "[]", object(bytes, size, NULL));
}

TestSuite(holders, .init = open_process, .fini = close_process);

Test(holders, are_named_by_their_paths_with_what_they_retain)
{
	uint32_t cache = global("CACHE", list), config = global("CONFIG", list);
	struct snapshot *snapshot;

	fill(cache, 2000, KIB);
	fill(config, 10, KIB);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect(!strncmp(snapshot->findings.items[0].title,
			   "modules['app'].CACHE (list, 2,000 entries of bytes) retains "
			   "2.0 MiB",
			   64),
		  "%s", snapshot->findings.items[0].title);
	cr_expect_eq(snapshot->findings.items[0].bytes, 2000u * KIB + 64);
}

Test(holders, that_share_their_entries_are_said_to_hold_them)
{
	uint32_t first = global("FIRST", list), second = global("SECOND", list);
	uint32_t shared[2000];
	struct snapshot *snapshot;

	for (size_t i = 0; i < 2000; i++)
		shared[i] = object(bytes, KIB, NULL);
	for (size_t i = 0; i < 2000; i++)
		refer(first, "[]", shared[i]);
	for (size_t i = 0; i < 2000; i++)
		refer(second, "[]", shared[i]);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect(strstr(snapshot->findings.items[0].title, " holds 2.0 MiB"));
}

Test(holders, that_share_what_their_entries_have_are_told_by_who_retains_it_all)
{
	enum { COUNT = 2000 };
	uint32_t app = global("APP", type("app.App", CATEGORY_INSTANCES));
	uint32_t log = object(list, 64, NULL), calls = object(list, 64, NULL);
	uint32_t record = type("app.Record", CATEGORY_INSTANCES);
	uint32_t records[2 * COUNT], texts[COUNT];
	struct snapshot *snapshot;

	for (size_t i = 0; i < 2 * COUNT; i++)
		records[i] = object(record, KIB, NULL);
	for (size_t i = 0; i < COUNT; i++)
		texts[i] = object(bytes, 2 * KIB, NULL);
	refer(app, ".log", log);
	refer(app, ".calls", calls);
	for (size_t i = 0; i < 2 * COUNT; i++)
		refer(i < COUNT ? log : calls, "[]", records[i]);
	for (size_t i = 0; i < 2 * COUNT; i++)
		refer(records[i], ".text", texts[i % COUNT]);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect(strstr(snapshot->findings.items[0].title,
			 "modules['app'].APP (app.App, in .log, .calls) retains 7.8 MiB"),
		  "%s", snapshot->findings.items[0].title);
	cr_expect_eq(snapshot->findings.items[0].bytes, COUNT * 4 * KIB + 3 * 64);
}

/* What one of them shares is little beside what the others have of their own. */
Test(holders, that_share_little_are_told_apart)
{
	enum { COUNT = 2000 };
	uint32_t app = global("APP", type("app.App", CATEGORY_INSTANCES));
	uint32_t cache = object(list, 64, NULL), log = object(list, 64, NULL);
	uint32_t calls = object(list, 64, NULL),
		 record = type("app.Record", CATEGORY_INSTANCES);
	uint32_t records[2 * COUNT], texts[COUNT];
	struct snapshot *snapshot;

	for (size_t i = 0; i < 2 * COUNT; i++)
		records[i] = object(record, 100, NULL);
	for (size_t i = 0; i < COUNT; i++)
		texts[i] = object(bytes, KIB, NULL);
	refer(app, ".cache", cache);
	refer(app, ".log", log);
	refer(app, ".calls", calls);
	fill(cache, 8 * COUNT, KIB);
	for (size_t i = 0; i < 2 * COUNT; i++)
		refer(i < COUNT ? log : calls, "[]", records[i]);
	for (size_t i = 0; i < 2 * COUNT; i++)
		refer(records[i], ".text", texts[i % COUNT]);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 2u);
	cr_expect(strstr(snapshot->findings.items[0].title, "APP.cache (list, 16,000"), "%s",
		  snapshot->findings.items[0].title);
	cr_expect(strstr(snapshot->findings.items[1].title,
			 "APP.log (list, 2,000 entries of app.Record) holds 2.1 MiB"),
		  "%s", snapshot->findings.items[1].title);
	cr_expect_eq(snapshot->findings.items[1].bytes, COUNT * (KIB + 100) + 64);
	cr_expect(strstr(snapshot->findings.items[1].evidence,
			 "only modules['app'].APP (app.App) retains it all"),
		  "%s", snapshot->findings.items[1].evidence);
}

/* The block is part of the object's owned size, here of its size. */
Test(holders, of_native_memory_are_told_as_such)
{
	uint32_t log = global("LOG", type("app.Database", CATEGORY_OTHER));
	uint32_t handle = object(type("sqlite3.Connection", CATEGORY_OTHER), 4096 * KIB, NULL);
	struct snapshot *snapshot = (struct snapshot *)builder_snapshot(builder);

	refer(log, ".handle", handle);
	vector_push(&snapshot->blocks,
		    ((struct snapshot_block){
			    .size = 4000 * KIB, .owner = handle, .kind = "private"}));
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect(strstr(snapshot->findings.items[0].title,
			 "modules['app'].LOG.handle (sqlite3.Connection) retains 4.0 MiB"),
		  "%s", snapshot->findings.items[0].title);
	cr_expect(strstr(snapshot->findings.items[0].evidence,
			 "3.9 MiB of it are blocks of their C libraries"),
		  "%s", snapshot->findings.items[0].evidence);
	cr_expect(strstr(snapshot->findings.items[0].advice, "C library"));
}

Test(holders, may_be_locals_of_frames)
{
	uint32_t rows = object(list, 64, NULL);
	struct snapshot *snapshot;

	builder_root(builder, rows, ROOT_FRAME, "local rows");
	fill(rows, 2000, KIB);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect(strstr(snapshot->findings.items[0].title,
			 "local 'rows' (list, 2,000 entries of bytes) retains"),
		  "%s", snapshot->findings.items[0].title);
}

Test(holders, are_nothing_that_every_program_has)
{
	uint32_t function = type("builtins.function", CATEGORY_CODE);

	for (int i = 0; i < 3000; i++) {
		uint32_t made = object(function, KIB, NULL);

		refer(names, "value", made);
	}
	cr_assert_eq(finish()->findings.count, 0u);
}

Test(holders, that_are_alike_are_told_together)
{
	uint32_t class = type("builtins.type", CATEGORY_TYPES), classes[40], caches[40];
	struct snapshot *snapshot;

	for (size_t i = 0; i < 40; i++)
		classes[i] = global("Table", class);
	for (size_t i = 0; i < 40; i++) {
		caches[i] = object(list, 64, NULL);
		refer(classes[i], "cache", caches[i]);
	}
	for (size_t i = 0; i < 40; i++)
		fill(caches[i], 50, KIB);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect_str_eq(snapshot->findings.items[0].kind, "holders");
	cr_expect_eq(snapshot->findings.items[0].objects, 40u, "%s",
		     snapshot->findings.items[0].title);
	cr_expect_eq(snapshot->findings.items[0].bytes, 40u * (50 * KIB + 64));
}

static void expect_held_by_c(enum root_kind kind, const char *label, const char *title)
{
	uint32_t record = type("app.Record", CATEGORY_INSTANCES);
	struct snapshot *snapshot;

	for (size_t i = 0; i < 3000; i++)
		builder_root(builder, object(record, KIB, NULL), kind, label);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect_str_eq(snapshot->findings.items[0].kind, "c-held");
	cr_expect(!strncmp(snapshot->findings.items[0].title, title, strlen(title)), "%s",
		  snapshot->findings.items[0].title);
	cr_expect_eq(snapshot->findings.items[0].bytes, 3000u * KIB);
	cr_expect_eq(snapshot->findings.items[0].objects, 3000u);
}

Test(holders, may_be_words_of_native_memory)
{
	expect_held_by_c(ROOT_NATIVE, "word",
			 "3,000 app.Record objects that only C code holds retain 2.9 MiB");
}

Test(holders, may_be_c_variables)
{
	expect_held_by_c(
		ROOT_GLOBAL, "kept[]",
		"3,000 app.Record objects that C variable kept[] holds retain 2.9 MiB");
}

Test(holders, have_titles_of_which_one_sees_the_end)
{
	char name[400] = {0};
	struct snapshot *snapshot;
	uint32_t cache;

	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "æ", 2);
	cache = global(name, list);
	fill(cache, 2000, KIB);
	snapshot = finish();
	cr_assert_eq(snapshot->findings.count, 1u);
	cr_expect(strstr(snapshot->findings.items[0].title, "æ … æ"));
	cr_expect_lt(strlen(snapshot->findings.items[0].title), 250u);
}

static void expect_merged(const char *one, const char *other, const char *expected)
{
	cr_expect_str_eq(scattered_merge(collection.arena, one, other), expected);
	cr_expect_str_eq(scattered_merge(collection.arena, other, one), expected);
}

Test(holders, that_are_alike_have_a_path_with_a_star)
{
	expect_merged("thread 12 frame run()", "thread 13 frame run()", "thread * frame run()");
	expect_merged("modules['app'].Table1._cache", "modules['app'].Table25._cache",
		      "modules['app'].*._cache");
	expect_merged("a.b", "a.b", "a.b");
	expect_merged("jobs[1]", "jobs[11]", "jobs[*]");
}
