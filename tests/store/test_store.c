#include "store/store.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of the test's own; tests run in processes of their own. */
static char folder[64];
static char path[96];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/heapsect-test-XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.heapsect.db", folder);
}

static size_t empty_folder(void)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	size_t files = 0;

	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		unlinkat(dirfd(directory), entry->d_name, 0);
		files++;
	}
	closedir(directory);
	return files;
}

static void remove_folder(void)
{
	empty_folder();
	rmdir(folder);
}

TestSuite(store, .init = make_folder, .fini = remove_folder);

static void write_sample(void)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	struct error err = {0};

	cr_assert(store_write(path, build_sample(builder), &err), "%s", err.message);
}

static struct store *open_sample(void)
{
	struct error err = {0};
	struct store *store;

	write_sample();
	store = store_open(path, &err);
	cr_assert(store, "%s", err.message);
	return store;
}

/* The first column of the first row, or "" if there is none; "NULL" for NULL. */
static void expect(struct store *store, const char *sql, const char *expected)
{
	struct error err = {0};
	CLEANUP(store_rows_closep) struct store_rows *rows = store_query_text(store, sql, &err);
	char text[256] = "";
	struct store_value value;

	cr_assert(rows, "%s: %s", sql, err.message);
	if (store_rows_next(rows, &err)) {
		value = store_rows_value(rows, 0);
		if (value.kind == STORE_INTEGER)
			snprintf(text, sizeof(text), "%lld", (long long)value.integer);
		else
			snprintf(text, sizeof(text), "%.*s", (int)value.length,
				 value.kind == STORE_NULL ? "NULL" : value.text);
		if (value.kind == STORE_NULL)
			snprintf(text, sizeof(text), "NULL");
	}
	cr_assert_eq(err.kind, ERROR_NONE, "%s: %s", sql, err.message);
	cr_assert_str_eq(text, expected, "%s gives %s, not %s", sql, text, expected);
}

Test(store, reads_back_what_was_written)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "SELECT count(*) FROM objects", "7");
	expect(store, "SELECT count(*) FROM refs", "5");
	expect(store, "SELECT value FROM meta WHERE key = 'objects'", "7");
	expect(store, "SELECT value FROM meta WHERE key = 'source'", "core.42");
	expect(store, "SELECT printf('0x%x', address) FROM objects WHERE id = 7",
	       "0x7f00000001b0");
	expect(store, "SELECT group_concat(DISTINCT state) FROM objects",
	       "live,garbage,leaked");
	expect(store, "SELECT cycle_id FROM objects WHERE id = 6", "1");
	expect(store, "SELECT count(*) FROM cycle_members", "2");
	expect(store, "SELECT count FROM anomalies", "2");
	expect(store, "SELECT owner_id FROM blocks", "2");
	expect(store, "SELECT label FROM roots", "modules");
}

Test(store, keeps_the_promises_about_null)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "SELECT surplus FROM objects WHERE immortal", "NULL");
	expect(store, "SELECT surplus FROM objects WHERE id = 7", "1");
	expect(store, "SELECT gc_generation FROM objects WHERE NOT gc_tracked", "NULL");
	expect(store, "SELECT max(gc_generation) FROM objects", "2");
	expect(store, "SELECT distance FROM objects WHERE state = 'garbage'", "NULL");
	expect(store, "SELECT count(retained_size) + count(dominator_id) FROM objects", "0");
	expect(store, "SELECT count(*) FROM objects WHERE cycle_id IS NULL", "5");
	expect(store, "SELECT parent FROM accounting WHERE bucket = 'dump'", "NULL");
	expect(store, "SELECT count(dominator) FROM v_objects WHERE dominator = '0x0'", "0");
}

Test(store, adds_up_types_and_blocks_as_a_count_one_by_one_does)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store,
	       "SELECT count(*) FROM (SELECT type_id, objects, bytes FROM type_totals EXCEPT"
	       " SELECT type_id, count(*), sum(size + owned_size) FROM objects GROUP BY "
	       "type_id)",
	       "0");
	expect(store, "SELECT sum(objects) FROM type_totals", "7");
	expect(store, "SELECT count(retained_bytes) FROM type_totals", "0");
	expect(store,
	       "SELECT allocator || state || kind || owned || blocks || bytes FROM "
	       "block_totals",
	       "glibcusedlist-items11256");
}

Test(store, adds_up_leaks_and_cycles_by_fingerprint)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store,
	       "SELECT group_concat(subject || ' ' || kind || ' ' || count || ' ' || objects "
	       "|| ' '"
	       " || bytes || ' ' || example_id) FROM fingerprints",
	       "cycle garbage 1 2 128 1,leak garbage 1 2 128 2,leak refcount 1 1 64 1");
}

static void add_block(struct snapshot *snapshot, const char *kind, uint32_t owner)
{
	vector_push(&snapshot->blocks, ((struct snapshot_block){.address = 0x7f0000009000,
								.size = 16,
								.allocator = "glibc",
								.state = BLOCK_USED,
								.owner = owner,
								.kind = kind}));
}

Test(store, has_one_sum_for_blocks_of_one_kind_with_and_without_an_owner)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	CLEANUP(store_releasep) struct store *store = NULL;
	struct error err = {0};

	build_sample(builder);
	for (int i = 0; i < 3; i++) {
		add_block(builder_snapshot(builder), "", OBJECT_NONE);
		add_block(builder_snapshot(builder), "list-items", OBJECT_NONE);
		add_block(builder_snapshot(builder), "list-items", 1);
	}
	cr_assert(store_write(path, builder_snapshot(builder), &err), "%s", err.message);
	store = store_open(path, &err);
	expect(store,
	       "SELECT group_concat(coalesce(kind, '-') || owned || ' ' || blocks || ' ' || "
	       "bytes)"
	       " FROM (SELECT * FROM block_totals ORDER BY kind, owned)",
	       "-0 3 48,list-items0 3 48,list-items1 4 304");
}

/* Objects 0 and 1 are of a type, and 1 hangs from 0; 2 is another type's. */
Test(store, counts_what_a_type_retains_once)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	CLEANUP(store_releasep) struct store *store = NULL;
	uint32_t node = builder_type(builder, "node"), str = builder_type(builder, "str");
	uint32_t dominator[] = {OBJECT_NONE, 0, 1};
	uint64_t retained[] = {60, 40, 10};
	struct error err = {0};

	for (uint32_t i = 0; i < 3; i++)
		builder_object(builder, (struct built_object){.address = 0x1000 + i * 64,
							      .type = i < 2 ? node : str,
							      .size = 10});
	builder_finish(builder);
	builder_snapshot(builder)->dominators = (struct dominators){dominator, retained};
	cr_assert(store_write(path, builder_snapshot(builder), &err), "%s", err.message);
	builder_snapshot(builder)->dominators = (struct dominators){NULL, NULL};
	store = store_open(path, &err);
	expect(store, "SELECT retained_bytes FROM type_totals WHERE type_id = 1", "60");
	expect(store, "SELECT retained_bytes FROM type_totals WHERE type_id = 2", "10");
}

Test(store, is_whole_and_consistent)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "PRAGMA integrity_check", "ok");
	expect(store, "PRAGMA foreign_key_check", "");
	expect(store, "PRAGMA user_version", "2");
	expect(store, "PRAGMA application_id", "1752200052");
	cr_assert_eq(empty_folder(), 1u);
}

Test(store, shows_labels_in_full)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "SELECT label FROM v_refs WHERE source_id = 1 AND ordinal = 1",
	       "['user']");
	expect(store, "SELECT label FROM v_refs WHERE source_id = 1 AND ordinal = 0", "key");
	expect(store, "SELECT label FROM v_refs WHERE source_id = 2", "[0]");
	expect(store, "SELECT referrer_type || label FROM v_referrers WHERE object_id = 6",
	       "app.Node.next");
	expect(store, "SELECT referent FROM v_referents WHERE object_id = 6", "0x7f0000000130");
}

/* The label of the only value of a dict whose key is this. */
static void expect_key(const char *type, const char *value, const char *expected)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	CLEANUP(store_releasep) struct store *store = NULL;
	uint32_t dict = builder_type(builder, "builtins.dict");
	uint32_t key = builder_type(builder, type);
	struct error err = {0};

	builder_object(builder, (struct built_object){.address = 0x1000, .type = dict});
	builder_object(builder,
		       (struct built_object){.address = 0x2000, .type = key, .value = value});
	builder_reference(builder, 0, "key", 1, REFERENCE_TRAVERSED);
	builder_reference(builder, 0, "value", 0, REFERENCE_TRAVERSED);
	cr_assert(store_write(path, builder_finish(builder), &err), "%s", err.message);
	store = store_open(path, &err);
	cr_assert(store, "%s", err.message);
	expect(store, "SELECT label FROM v_refs WHERE ordinal = 1", expected);
	expect(store, "SELECT label FROM v_referrers WHERE object_id = 1", expected);
	expect(store, "SELECT value FROM v_objects WHERE id = 2", value ? value : "NULL");
}

Test(store, shows_keys_of_dicts_as_python_writes_them)
{
	expect_key("builtins.str", "it's a \\\\ \"key\"", "['it\\'s a \\\\ \"key\"']");
	expect_key("builtins.str", "", "['']");
	expect_key("builtins.int", "-5", "[-5]");
	expect_key("builtins.NoneType", "None", "[None]");
	expect_key("builtins.bytes", "b'k'", "[b'k']");
}

Test(store, shows_other_keys_by_type_and_value)
{
	expect_key("builtins.tuple", "len 2", "[<builtins.tuple len 2>]");
	expect_key("builtins.type", "app.Node", "[<builtins.type app.Node>]");
	expect_key("app.Key", NULL, "[<app.Key>]");
	expect_key("builtins.str", NULL, "[<builtins.str>]");
}

Test(store, shows_addresses_above_the_signed_range)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "SELECT printf('0x%x', address) FROM mappings WHERE id = 3",
	       "0xffffffffff600000");
}

Test(store, writes_as_many_references_as_there_are)
{
	for (uint32_t objects = 31; objects < 66; objects += 17) {
		CLEANUP(snapshot_builder_freep)
		struct snapshot_builder *builder = snapshot_builder_create();
		CLEANUP(store_releasep) struct store *store = NULL;
		struct error err = {0};
		char expected[32];

		cr_assert(store_write(path, build_large(builder, objects, 3), &err));
		store = store_open(path, &err);
		snprintf(expected, sizeof(expected), "%u", objects * 3);
		expect(store, "SELECT count(*) FROM refs", expected);
		expect(store, "SELECT sum(ordinal) FROM refs", expected);
		expect(store, "PRAGMA foreign_key_check", "");
	}
}

Test(store, replaces_a_snapshot_and_nothing_else)
{
	struct error err = {0};
	FILE *file;

	write_sample();
	write_sample();
	file = fopen(path, "w");
	fputs("precious", file);
	fclose(file);
	cr_assert_not(store_check_writable(path, &err));
	cr_assert_eq(err.kind, ERROR_OUTPUT);
	cr_assert(strstr(err.message, "not a heapsect snapshot"), "%s", err.message);
	cr_assert_null(store_begin(path, &err));
}

static void expect_refused(const char *target)
{
	struct error err = {0};

	cr_assert_not(store_check_writable(target, &err), "%s", target);
	cr_assert_eq(err.kind, ERROR_OUTPUT);
}

Test(store, says_early_what_cannot_be_written)
{
	struct error err = {0};
	char target[256];

	expect_refused(folder);
	expect_refused("");
	expect_refused("/dev/null");
	expect_refused("/proc/snapshot.db");
	snprintf(target, sizeof(target), "%s/missing/a.db", folder);
	expect_refused(target);
	write_sample();
	snprintf(target, sizeof(target), "%s/a.db", path);
	expect_refused(target);
	snprintf(target, sizeof(target), "%s/b.db", folder);
	cr_assert(store_check_writable(target, &err), "%s", err.message);
	cr_assert_eq(empty_folder(), 1u);
}

Test(store, leaves_nothing_behind_without_a_commit)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	struct error err = {0};
	struct store_writer *writer = store_begin(path, &err);
	char temporary[256];

	cr_assert(store_write_all(writer, build_sample(builder), &err), "%s", err.message);
	cr_assert(store_temporary_path(path, temporary, sizeof(temporary)));
	cr_assert_eq(access(temporary, F_OK), 0);
	cr_assert_neq(access(path, F_OK), 0);
	store_close(writer);
	cr_assert_eq(empty_folder(), 0u);
}

Test(store, takes_facts_until_the_commit)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	CLEANUP(store_releasep) struct store *store = NULL;
	struct error err = {0};
	struct store_writer *writer = store_begin(path, &err);

	cr_assert(store_write_all(writer, build_sample(builder), &err));
	cr_assert(store_add_meta(writer, "seconds.store", "1.5", &err));
	cr_assert(store_add_meta(writer, "pid", "43", &err));
	cr_assert(store_commit(writer, &err));
	store_close(writer);
	store = store_open(path, &err);
	expect(store, "SELECT value FROM meta WHERE key = 'seconds.store'", "1.5");
	expect(store, "SELECT value FROM meta WHERE key = 'pid'", "43");
}

static void expect_unreadable(enum error_kind kind, const char *message)
{
	struct error err = {0};

	cr_assert_null(store_open(path, &err));
	cr_assert_eq(err.kind, kind);
	cr_assert(strstr(err.message, message), "%s", err.message);
}

Test(store, says_why_a_file_is_no_snapshot)
{
	uint8_t version[4] = {0, 0, 0, 9};
	int file;

	expect_unreadable(ERROR_INPUT, "no such file");
	file = open(path, O_RDWR | O_CREAT, 0600);
	expect_unreadable(ERROR_FORMAT, "not a heapsect snapshot");
	cr_assert_eq(write(file, "SQLite format 3", 16), 16);
	expect_unreadable(ERROR_FORMAT, "not a heapsect snapshot");
	close(file);
	unlink(path);
	write_sample();
	file = open(path, O_RDWR);
	cr_assert_eq(pwrite(file, version, 4, 60), 4);
	expect_unreadable(ERROR_FORMAT, "schema version 9");
	close(file);
}

static void expect_no_sql(struct store *store, const char *sql, const char *message)
{
	struct error err = {0};

	cr_assert_null(store_query_text(store, sql, &err), "%s", sql);
	cr_assert_eq(err.kind, ERROR_USAGE, "%s", sql);
	cr_assert(strstr(err.message, message), "%s: %s", sql, err.message);
}

Test(store, only_lets_sql_read)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect_no_sql(store, "DELETE FROM objects", "read only");
	expect_no_sql(store, "ATTACH '/tmp/other.db' AS other", "read only");
	expect_no_sql(store, "PRAGMA query_only = 0", "read only");
	expect_no_sql(store, "CREATE TEMP TABLE t (a)", "read only");
	expect_no_sql(store, "VACUUM INTO '/tmp/other.db'", "read only");
	expect_no_sql(store, "SELECT * FROM nowhere", "no such table: nowhere");
	expect_no_sql(store, "SELECT 1; SELECT 2", "one SQL statement");
	expect_no_sql(store, " -- nothing\n", "no SQL statement");
	expect_no_sql(store, "UPDATE sqlite_master SET name = 'x'", "may not be modified");
	expect(store, "SELECT 1; -- and a comment", "1");
}

Test(store, lets_sql_use_table_valued_functions)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "SELECT value FROM json_each('[7]')", "7");
	expect(store, "SELECT name FROM pragma_table_info('meta') LIMIT 1", "key");
	expect(store, "SELECT DISTINCT name FROM pragma_function_list WHERE name = 'human'",
	       "human");
}

Test(store, has_functions_for_people)
{
	CLEANUP(store_releasep) struct store *store = open_sample();

	expect(store, "SELECT addr(address) FROM objects WHERE id = 7", "0x7f00000001b0");
	expect(store, "SELECT id FROM objects WHERE address = addr('0x7f00000001b0')", "7");
	expect(store, "SELECT human(1536)", "1.5 KiB");
}

Test(store, cancels_what_runs)
{
	static const char forever[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
				      "FROM n) SELECT i FROM n";
	CLEANUP(store_releasep) struct store *store = open_sample();
	struct error err = {0};
	CLEANUP(store_rows_closep)
	struct store_rows *rows = store_query_text(store, forever, &err);

	cr_assert(rows && store_rows_next(rows, &err));
	store_interrupt(store);
	cr_assert_not(store_rows_next(rows, &err));
	cr_assert_str_eq(err.message, "the query was cancelled");
}

static struct collector_report collector_report(void)
{
	struct collector_report report = {.enabled = true,
					  .long_lived_total = 4000,
					  .long_lived_pending = COLLECTOR_UNKNOWN};

	for (unsigned i = 0; i < COLLECTOR_GENERATIONS; i++)
		report.generations[i] = (struct generation_report){
			.objects = i, .threshold = i ? COLLECTOR_UNKNOWN : -1};
	return report;
}

static void add_collector_and_waste(struct snapshot *snapshot)
{
	struct snapshot_generation simulated = {.is_counted = true,
						.is_simulated = true,
						.tracked = {.objects = 5, .leaves = 2},
						.pass = {.visited = 5, .found = 1}};
	struct snapshot_generation unknown = {.number = 1};

	vector_push(&snapshot->collectors, collector_report());
	vector_push(&snapshot->generations, simulated);
	vector_push(&snapshot->generations, unknown);
	vector_push(&snapshot->waste, ((struct snapshot_waste){.kind = "duplicate-text",
							       .holder = "app.Row.name",
							       .advice = "",
							       .has_distinct = true,
							       .distinct = 2,
							       .example = 1,
							       .example_weight = 9}));
	vector_push(&snapshot->waste, ((struct snapshot_waste){.kind = "empty-list",
							       .holder = "",
							       .advice = "",
							       .example = OBJECT_NONE,
							       .example_weight = 9}));
}

Test(store, keeps_what_is_not_known_of_collectors_and_waste_null)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	struct snapshot *snapshot = builder_snapshot(builder);
	struct error err = {0};
	struct store *store;

	build_sample(builder);
	add_collector_and_waste(snapshot);
	cr_assert(store_write(path, snapshot, &err), "%s", err.message);
	store = store_open(path, &err);
	cr_assert(store, "%s", err.message);
	expect(store, "SELECT long_lived_total FROM collectors", "4000");
	expect(store, "SELECT long_lived_pending FROM collectors", "NULL");
	expect(store, "SELECT threshold FROM generations WHERE generation = 0", "-1");
	expect(store, "SELECT threshold FROM generations WHERE generation = 1", "NULL");
	expect(store, "SELECT would_find + leaves FROM generations WHERE generation = 0", "3");
	expect(store,
	       "SELECT coalesce(would_find, leaves) FROM generations WHERE generation = 1",
	       "NULL");
	expect(store, "SELECT distinct_values + example_copies FROM waste WHERE id = 1", "11");
	expect(store,
	       "SELECT coalesce(holder, distinct_values, example_copies, example_id) FROM "
	       "waste "
	       "WHERE id = 2",
	       "NULL");
	expect(store, "PRAGMA foreign_key_check", "");
	store_release(store);
}
