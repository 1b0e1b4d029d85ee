/*
 * SQL functions that turn numbers into the words of the reports: addr() and human().
 */
#ifndef STORE_TEXT_FUNCTIONS_H
#define STORE_TEXT_FUNCTIONS_H

#include "store/database.h"

/* SQLite's code: SQLITE_OK, or the connection's error. */
int text_functions_register(sqlite3 *database);

#endif
