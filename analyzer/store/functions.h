/*
 * SQL functions for people: path(object_id), and those of text_functions.h.  Only for files of store/.
 */
#ifndef STORE_FUNCTIONS_H
#define STORE_FUNCTIONS_H

#include "store/database.h"

struct functions;

/* Registers them on a connection; NULL when out of memory.  Release before it is closed. */
struct functions *functions_create(sqlite3 *database);
void functions_release(struct functions *functions);

/* The same on a connection that somebody else closes: they go with it.  SQLite's code. */
int functions_load(sqlite3 *database);

#endif
