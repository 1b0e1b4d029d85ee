/*
 * SQL functions for people: path(object_id).  Only for files of store/.
 */
#ifndef STORE_FUNCTIONS_H
#define STORE_FUNCTIONS_H

#include "store/database.h"

struct functions;

/* Registers them on a connection; NULL when out of memory.  Release before it is closed. */
struct functions *functions_create(sqlite3 *database);
void functions_release(struct functions *functions);

#endif
