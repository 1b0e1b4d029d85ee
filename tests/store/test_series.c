/*
 * Snapshots built by hand of what may have been one process, compared.
 */
#include "store/store.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

enum { STR, NODE, DICT, TYPES, MOST_OBJECTS = 16 };

/* An object of a snapshot: content 0 is unknown, generation 0xff untracked. */
struct told {
	addr_t address;
	uint32_t type;
	uint64_t content;
	uint8_t generation;
};

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/heapsect-test-XXXXXX");
	cr_assert(mkdtemp(folder));
}

static const char *path_of(int number)
{
	static char paths[8][96];

	snprintf(paths[number], sizeof(paths[number]), "%s/%d.db", folder, number);
	return paths[number];
}

static void remove_folder(void)
{
	for (int i = 0; i < 8; i++)
		unlink(path_of(i));
	rmdir(folder);
}

TestSuite(series, .init = make_folder, .fini = remove_folder);

static void add_facts(struct snapshot *snapshot, const char *pid, const char *key)
{
	vector_push(&snapshot->meta, ((struct snapshot_meta){"pid", pid}));
	vector_push(&snapshot->meta, ((struct snapshot_meta){"process_key", key}));
	vector_push(&snapshot->meta, ((struct snapshot_meta){"executable", "/bin/app"}));
}

/* The objects end at the first without an address. */
static void write_process(int number, const char *pid, const char *key, const struct told *told)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	struct snapshot *snapshot = builder_snapshot(builder);
	struct error err = {0};
	uint32_t count = 0;

	builder_type(builder, "builtins.str");
	builder_type(builder, "app.Node");
	builder_type(builder, "builtins.dict");
	snapshot->content = calloc(MOST_OBJECTS, sizeof(*snapshot->content));
	for (; told[count].address; count++) {
		bool tracked = told[count].generation != GENERATION_NONE;

		snapshot->content[count] = told[count].content;
		builder_object(builder,
			       (struct built_object){
				       .address = told[count].address,
				       .type = told[count].type,
				       .size = 64,
				       .flags = OBJECT_COUNTED | (tracked ? OBJECT_TRACKED : 0),
				       .generation = told[count].generation,
			       });
	}
	add_facts(snapshot, pid, key);
	builder_finish(builder);
	cr_assert(store_write(path_of(number), snapshot, &err), "%s", err.message);
}

static void write_told(int number, const struct told *told)
{
	write_process(number, "42", "k", told);
}

static struct store *open_series(size_t count, enum store_depth depth)
{
	const char *paths[8];
	struct error err = {0};
	struct store *store;

	for (size_t i = 0; i < count; i++)
		paths[i] = path_of((int)i);
	store = store_open_series(paths, count, depth, &err);
	cr_assert(store, "%s", err.message);
	return store;
}

/* The only value that a query gives, as a text; "" for none. */
static void expect(struct store *store, const char *sql, const char *expected)
{
	struct error err = {0};
	CLEANUP(store_rows_closep) struct store_rows *rows = store_query_text(store, sql, &err);
	char text[256] = "";

	cr_assert(rows, "%s: %s", sql, err.message);
	if (store_rows_next(rows, &err)) {
		struct store_value value = store_rows_value(rows, 0);

		if (value.kind == STORE_INTEGER)
			snprintf(text, sizeof(text), "%lld", (long long)value.integer);
		else
			snprintf(text, sizeof(text), "%.*s", (int)value.length, value.text);
	}
	cr_assert_str_eq(text, expected, "%s gives %s, not %s", sql, text, expected);
}

static void expect_changes(const struct told *old, const struct told *now, const char *born,
			   const char *died)
{
	CLEANUP(store_releasep) struct store *store = NULL;

	write_told(0, old);
	write_told(1, now);
	store = open_series(2, STORE_OBJECTS);
	expect(store, "SELECT group_concat(id || ':' || coalesce(died_id, '-')) FROM born",
	       born);
	expect(store, "SELECT group_concat(id || ':' || coalesce(born_id, '-')) FROM died",
	       died);
}

#define NONE GENERATION_NONE

Test(series, one_address_and_type_are_one_object)
{
	expect_changes((const struct told[]){{0x10, NODE, 0, 1}, {0x20, NODE, 0, 1}, {0}},
		       (const struct told[]){{0x20, NODE, 0, 2}, {0x30, NODE, 0, 0}, {0}},
		       "2:-", "1:-");
}

Test(series, another_type_at_the_address_is_another_object)
{
	expect_changes((const struct told[]){{0x10, NODE, 0, 1}, {0x20, STR, 5, NONE}, {0}},
		       (const struct told[]){{0x10, DICT, 0, 1}, {0x20, STR, 5, NONE}, {0}},
		       "1:1", "1:1");
}

Test(series, another_value_of_what_cannot_change_is_another_object)
{
	expect_changes((const struct told[]){{0x10, STR, 5, NONE}, {0x20, STR, 6, NONE}, {0}},
		       (const struct told[]){{0x10, STR, 7, NONE}, {0x20, STR, 6, NONE}, {0}},
		       "1:1", "1:1");
}

Test(series, a_value_that_one_dump_lacks_says_nothing)
{
	expect_changes((const struct told[]){{0x10, STR, 0, NONE}, {0x20, STR, 6, NONE}, {0}},
		       (const struct told[]){{0x10, STR, 7, NONE}, {0x20, STR, 0, NONE}, {0}},
		       "", "");
}

Test(series, what_is_young_again_is_another_object)
{
	expect_changes((const struct told[]){{0x10, NODE, 0, 2}, {0x20, NODE, 0, 1}, {0}},
		       (const struct told[]){{0x10, NODE, 0, 0}, {0x20, NODE, 0, 2}, {0}},
		       "1:1", "1:1");
}

/* Early 3.14 has two lists of old ones that change places; gc.unfreeze() makes them younger. */
Test(series, old_and_permanent_generations_may_change_places)
{
	expect_changes((const struct told[]){{0x10, NODE, 0, 2}, {0x20, NODE, 0, 3}, {0}},
		       (const struct told[]){{0x10, NODE, 0, 1}, {0x20, NODE, 0, 2}, {0}}, "",
		       "");
}

Test(series, a_dict_that_is_tracked_anew_may_be_the_same)
{
	expect_changes((const struct told[]){{0x10, DICT, 0, 2}, {0x20, DICT, 0, NONE}, {0}},
		       (const struct told[]){{0x10, DICT, 0, 0}, {0x20, DICT, 0, 0}, {0}}, "",
		       "");
}

Test(series, is_empty_where_nothing_is)
{
	expect_changes((const struct told[]){{0}},
		       (const struct told[]){{0x10, STR, 1, NONE}, {0}}, "1:-", "");
	expect_changes((const struct told[]){{0x10, STR, 1, NONE}, {0}},
		       (const struct told[]){{0}}, "", "1:-");
}

static const struct told one[] = {{0x10, NODE, 0, 0}, {0}},
			 two[] = {{0x10, NODE, 0, 0}, {0x20, STR, 3, NONE}, {0}},
			 three[] = {{0x10, NODE, 0, 0},
				    {0x20, NODE, 0, 0},
				    {0x30, STR, 3, NONE},
				    {0}};

static void expect_no_process(const char *reason)
{
	CLEANUP(store_releasep) struct store *store = open_series(2, STORE_OBJECTS);

	expect(store, "SELECT why_not FROM lineage", reason);
	expect(store, "SELECT (SELECT count(*) FROM born) + (SELECT count(*) FROM died)", "0");
	expect(store, "SELECT new_objects - old_objects FROM growth WHERE key = 'builtins.str'",
	       "1");
}

Test(series, objects_of_two_processes_are_not_compared)
{
	write_process(0, "42", "k", one);
	write_process(1, "43", "k", two);
	expect_no_process("the process ids differ");
	write_process(1, "42", "other", two);
	expect_no_process("the process was started anew in between");
	write_process(1, "0", "k", two);
	expect_no_process("a snapshot does not know its process");
}

Test(series, of_two_has_what_changed)
{
	CLEANUP(store_releasep) struct store *store = NULL;

	write_told(0, two);
	write_told(1, one);
	store = open_series(2, STORE_SUMS);
	expect(store,
	       "SELECT group_concat(key || ' ' || (new_objects - old_objects)) FROM growth"
	       " WHERE subject = 'type' AND shown",
	       "builtins.str -1");
}

Test(series, of_more_has_what_grew_from_each_to_the_next)
{
	CLEANUP(store_releasep) struct store *store = NULL;

	write_told(0, one);
	write_told(1, two);
	write_told(2, three);
	store = open_series(3, STORE_SUMS);
	expect(store, "SELECT count(*) FROM growth WHERE subject = 'type' AND shown", "0");
	write_told(0, (const struct told[]){{0}});
	write_told(1, one);
	store_release(store);
	store = open_series(3, STORE_SUMS);
	expect(store,
	       "SELECT group_concat(key || ' ' || objects_series) FROM growth"
	       " WHERE subject = 'type' AND shown",
	       "app.Node 0 → 1 → 2");
}

Test(series, lets_nothing_through_but_reading_once_it_is_open)
{
	CLEANUP(store_releasep) struct store *store = NULL;
	struct error err = {0};

	write_told(0, one);
	write_told(1, two);
	store = open_series(2, STORE_OBJECTS);
	cr_assert_null(store_query_text(store, "DELETE FROM temp.born", &err));
	cr_assert_null(store_query_text(store, "ATTACH 'x.db' AS x", &err));
	expect(store, "SELECT count(*) FROM old.objects", "1");
	expect(store, "SELECT count(*) FROM objects", "2");
}

Test(series, names_the_file_that_is_no_snapshot)
{
	const char *paths[] = {path_of(0), path_of(1)};
	struct error err = {0};

	write_told(0, one);
	cr_assert_null(store_open_series(paths, 2, STORE_SUMS, &err));
	cr_assert(strstr(err.message, paths[1]), "%s", err.message);
}
