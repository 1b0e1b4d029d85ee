#include "include/heapsect.h"
#include "store/store.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static heapsect_snapshot *open_sample(void)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	char path[] = "/tmp/heapsect-test-XXXXXX", message[1024] = "";
	struct error err = {0};
	heapsect_snapshot *snapshot;

	close(mkstemp(path));
	cr_assert(store_write(path, build_sample(builder), &err), "%s", err.message);
	snapshot = heapsect_open(path, message, sizeof(message));
	unlink(path);
	cr_assert(snapshot != NULL, "%s", message);
	return snapshot;
}

Test(library, gives_rows_of_a_snapshot)
{
	heapsect_snapshot *snapshot = open_sample();
	heapsect_rows *rows = heapsect_query(
		snapshot, "SELECT id, value, 0.5 FROM objects WHERE value IS NOT NULL", NULL,
		0);
	uint64_t size;

	cr_assert_eq(heapsect_columns(rows), 3u);
	cr_assert_str_eq(heapsect_column_name(rows, 1), "value");
	cr_assert_eq(heapsect_next(rows, NULL, 0), 1);
	cr_assert_eq(heapsect_integer(rows, 0), 3);
	cr_assert_str_eq(heapsect_text(rows, 1, &size), "user");
	cr_assert_eq(size, 4u);
	cr_assert_float_eq(heapsect_real(rows, 2), 0.5, 1e-9);
	cr_assert_not(heapsect_is_null(rows, 1));
	cr_assert_eq(heapsect_next(rows, NULL, 0), 0);
	heapsect_rows_close(rows);
	heapsect_close(snapshot);
}

Test(library, tells_what_failed)
{
	heapsect_snapshot *snapshot = open_sample();
	char message[1024];

	cr_assert_null(heapsect_query(snapshot, "SELECT nope", message, sizeof(message)));
	cr_assert_str_eq(message, "no such column: nope");
	cr_assert_null(heapsect_open("/nonexistent", message, sizeof(message)));
	cr_assert_str_eq(message, "/nonexistent: no such file");
	heapsect_close(snapshot);
}

Test(library, knows_the_options_of_analyze)
{
	heapsect_options *options = heapsect_options_create();
	char message[1024];

	cr_assert_eq(heapsect_analyze(options, message, sizeof(message)), HEAPSECT_USAGE);
	cr_assert_eq(heapsect_options_set(options, "core", "/nonexistent/core"), HEAPSECT_OK);
	cr_assert_eq(heapsect_analyze(options, message, sizeof(message)), HEAPSECT_USAGE);
	cr_assert_eq(heapsect_options_set(options, "output", "/nonexistent/a.db"), HEAPSECT_OK);
	cr_assert_eq(heapsect_options_set(options, "debug-dir", "/a"), HEAPSECT_OK);
	cr_assert_eq(heapsect_options_set(options, "debug-dir", "/b"), HEAPSECT_OK);
	cr_assert_eq(heapsect_options_set(options, "jobs", "2"), HEAPSECT_OK);
	cr_assert_eq(heapsect_options_set(options, "jobs", "two"), HEAPSECT_USAGE);
	cr_assert_eq(heapsect_options_set(options, "partial", "yes"), HEAPSECT_USAGE);
	cr_assert_eq(heapsect_options_set(options, "nonsense", "1"), HEAPSECT_USAGE);
	cr_assert_geq(heapsect_analyze(options, message, sizeof(message)), HEAPSECT_UNUSABLE);
	heapsect_options_free(options);
}
