/*
 * heapsect's SQL functions for every program with SQLite: the sqlite3 shell's `.load`, Python's
 * Connection.load_extension().  Not a part of the library: see EXTENSION in the Makefile.
 *
 * SQLite hands an extension its functions in a table, sqlite3_api, which everything here that
 * was compiled with HEAPSECT_SQLITE_EXTENSION calls it through.
 */
#include "store/database.h"
#include "store/functions.h"

SQLITE_EXTENSION_INIT1

/* SQLite looks for this name. */
int sqlite3_extension_init(sqlite3 *database, char **ret_message,
			   const sqlite3_api_routines *routines);

__attribute__((visibility("default"))) int
sqlite3_extension_init(sqlite3 *database, char **ret_message,
		       const sqlite3_api_routines *routines)
{
	SQLITE_EXTENSION_INIT2(routines)
	(void)ret_message;
	return functions_load(database);
}
