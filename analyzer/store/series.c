/*
 * Several snapshots in one connection: each is attached in turn, what it adds up to is copied
 * into the connection's own tables, and only the first and the last stay.
 */
#include "store/compare.h"

#include <errno.h>
#include <stdlib.h>

/* Runs schema/compare/NAME.sql, an ATTACH of :path. */
static bool attach(struct store *store, const char *path, const char *name, struct error *err)
{
	CLEANUP_FREE char *resolved = realpath(path, NULL);
	sqlite3_stmt *statement;
	int status;

	if (!resolved)
		return error_set(err, ERROR_INPUT, "%s: %s", path, strerror(errno));
	if (!database_prepare(store->database, name, &statement))
		return database_failed(store->database, path, ERROR_FORMAT, err);
	sqlite3_bind_text(statement, 1, resolved, -1, SQLITE_STATIC);
	status = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return status == SQLITE_DONE ||
	       database_failed(store->database, path, ERROR_INPUT, err);
}

static bool gather(struct store *store, const char *const *paths, size_t count,
		   struct error *err)
{
	if (!database_run(store->database, store->path, "compare/tables", ERROR_FORMAT, err) ||
	    !attach(store, paths[0], "compare/attach_old", err) ||
	    !database_run(store->database, store->path, "compare/places", ERROR_FORMAT, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!attach(store, paths[i], "compare/attach", err) ||
		    !database_run(store->database, paths[i], "compare/gather", ERROR_FORMAT,
				  err))
			return false;
	return database_run(store->database, store->path, "compare/finish", ERROR_FORMAT, err);
}

/* Whether addresses mean the same in all of them. */
static bool is_one_process(struct store *store)
{
	sqlite3_stmt *statement = NULL;
	bool one = false;

	if (database_prepare(store->database, "compare/one_process", &statement) &&
	    sqlite3_step(statement) == SQLITE_ROW)
		one = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return one;
}

struct store *store_open_series(const char *const *paths, size_t count, enum store_depth depth,
				struct error *err)
{
	CLEANUP(store_releasep) struct store *store = NULL;

	for (size_t i = 0; i < count; i++)
		if (!reader_check(paths[i], err))
			return NULL;
	store = reader_connect(paths[count - 1], err);
	if (!store || !gather(store, paths, count, err))
		return NULL;
	if (depth == STORE_OBJECTS && is_one_process(store) && !compare_objects(store, err))
		return NULL;
	return reader_lock(store, err) ? TAKE(store) : NULL;
}
