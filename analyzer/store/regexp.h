/*
 * SQL's REGEXP: TEXT REGEXP PATTERN, by the POSIX extended regular expressions of the C library.
 */
#ifndef STORE_REGEXP_H
#define STORE_REGEXP_H

#include "store/database.h"

/* SQLite's code: SQLITE_OK, or the connection's error. */
int regexp_register(sqlite3 *database);

#endif
