/*
 * SQL's REGEXP: TEXT REGEXP PATTERN, by the POSIX extended regular expressions of the C library.
 */
#ifndef STORE_REGEXP_H
#define STORE_REGEXP_H

#include <sqlite3.h>

/* An SQLite status. */
int regexp_register(sqlite3 *database);

#endif
