#include "store/database.h"

#include "store/sql_text.h"

#include <assert.h>

const char *sql_find(const char *name)
{
	for (const struct sql_text *entry = sql_texts; entry->name; entry++)
		if (strcmp(entry->name, name) == 0)
			return entry->text;
	return NULL;
}

bool database_failed(sqlite3 *database, const char *path, enum error_kind kind,
		     struct error *err)
{
	int code = sqlite3_errcode(database) & 0xff;
	int cause = sqlite3_system_errno(database);

	if (!database || code == SQLITE_NOMEM)
		return error_out_of_memory(err, "talking to SQLite");
	if (code == SQLITE_FULL)
		return error_set(err, kind, "%s: the disk is full", path);
	if (cause && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN))
		return error_set(err, kind, "%s: %s", path, strerror(cause));
	return error_set(err, kind, "%s: %s", path, sqlite3_errmsg(database));
}

bool database_prepare(sqlite3 *database, const char *name, sqlite3_stmt **ret)
{
	const char *text = sql_find(name);

	assert(text);
	return sqlite3_prepare_v2(database, text, -1, ret, NULL) == SQLITE_OK;
}

bool database_run(sqlite3 *database, const char *path, const char *name, enum error_kind kind,
		  struct error *err)
{
	const char *text = sql_find(name);

	assert(text);
	if (sqlite3_exec(database, text, NULL, NULL, NULL) != SQLITE_OK)
		return database_failed(database, path, kind, err);
	return true;
}
