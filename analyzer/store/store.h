/*
 * Snapshots in and out of SQLite.  The only module that includes <sqlite3.h>; all SQL text is
 * in schema/ and embedded at build time.
 *
 * A snapshot is written beside its final name and renamed when it is whole: an interrupted
 * or failed run leaves nothing behind.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/cleanup.h"
#include "base/error.h"
#include "store/snapshot.h"

/* Refuses (ERROR_OUTPUT) before any work is done if path could not be written. */
bool store_check_writable(const char *path, struct error *err);

/*
 * Where the snapshot for path is written before it is whole, for whoever has to remove it when
 * a signal ends the program.  False if that does not fit, or path's folder cannot be found.
 */
bool store_temporary_path(const char *path, char *ret, size_t size);

bool store_write(const char *path, const struct snapshot *snapshot, struct error *err);

/*
 * The work of store_write in two parts, so that `meta` can say how long writing took: rows
 * added by store_add_meta go in before the rename of store_commit.
 */
struct store_writer;
struct store_writer *store_begin(const char *path, struct error *err);
/* The references of a graph alone, which store_write_all() then leaves out. */
bool store_write_references(struct store_writer *writer, const struct graph *graph,
			    struct error *err);
bool store_write_all(struct store_writer *writer, const struct snapshot *snapshot,
		     struct error *err);
bool store_add_meta(struct store_writer *writer, const char *key, const char *value,
		    struct error *err);
bool store_commit(struct store_writer *writer, struct error *err);
/* Without a commit before: removes what was written. */
void store_close(struct store_writer *writer);
DEFINE_CLEANUP(struct store_writer *, store_close)

/* Reading: queries by name (schema/queries/NAME.sql) or by text. */
struct store;
struct store_rows;

/* NULL and a sentence: no such file, not a snapshot, made by another schema version. */
struct store *store_open(const char *path, struct error *err);
void store_release(struct store *store);
DEFINE_CLEANUP(struct store *, store_release)

/* Queries that are running fail at their next row.  For signal handlers, too. */
void store_interrupt(struct store *store);
/*
 * Snapshots to compare, the oldest first; two at least.  The connection's own tables have what
 * was gathered from all of them: schema/compare/.  The last is `main`, the first `old`.
 */
enum store_depth {
	STORE_SUMS,   /* what they add up to */
	STORE_OBJECTS /* and, of two of the same process, which objects were born and died */
};
struct store *store_open_series(const char *const *paths, size_t count, enum store_depth depth,
				struct error *err);

enum store_value_kind { STORE_NULL, STORE_INTEGER, STORE_REAL, STORE_TEXT, STORE_BLOB };
struct store_value {
	enum store_value_kind kind;
	int64_t integer;
	double real;
	const char *text; /* TEXT and BLOB: `length` bytes, until the next store_rows_next */
	size_t length;
};

struct store_parameter { /* bound as :name; a NULL text binds the integer */
	const char *name;
	const char *text;
	int64_t integer;
};

struct store_rows *store_query(struct store *store, const char *query_name,
			       const struct store_parameter *parameters, size_t count,
			       struct error *err);
/* Any SQL text, read only; more than one statement is an error that says so. */
struct store_rows *store_query_text(struct store *store, const char *sql, struct error *err);
/* Whether a text ends with the semicolon that ends a statement: not one in a string or comment. */
bool store_is_complete(const char *sql);
struct store *store_rows_store(const struct store_rows *rows);
size_t store_rows_columns(const struct store_rows *rows);
const char *store_rows_column(const struct store_rows *rows, size_t column);
/* False at the end (err untouched) and on failure (err set). */
bool store_rows_next(struct store_rows *rows, struct error *err);
struct store_value store_rows_value(const struct store_rows *rows, size_t column);
void store_rows_close(struct store_rows *rows);
DEFINE_CLEANUP(struct store_rows *, store_rows_close)

#endif
