/*
 * What writing and reading share: SQL texts by name, and SQLite's errors as sentences.
 * Only for files of store/.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "base/cleanup.h"
#include "base/error.h"

/* Some of store/ is loaded by other programs' SQLite, too, and calls it otherwise: extension.c. */
#ifndef HEAPSECT_SQLITE_EXTENSION
#define SQLITE_CORE 1
#endif
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

/* As the files of schema/ say it; store_open and the writer hold snapshots against these. */
#define SCHEMA_APPLICATION_ID 0x68707374u
#define SCHEMA_VERSION        2u

/* The text of schema/NAME.sql, or NULL. */
const char *sql_find(const char *name);

/* The connection's last error, of a file at path.  Always false. */
bool database_failed(sqlite3 *database, const char *path, enum error_kind kind,
		     struct error *err);

/* Prepares schema/NAME.sql, a single statement.  False: *ret is NULL, the connection has why. */
bool database_prepare(sqlite3 *database, const char *name, sqlite3_stmt **ret);

/* Runs all statements of schema/NAME.sql. */
bool database_run(sqlite3 *database, const char *path, const char *name, enum error_kind kind,
		  struct error *err);

#endif
