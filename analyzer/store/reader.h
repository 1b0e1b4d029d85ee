/*
 * A connection to snapshots, while it is made.  Only for files of store/.
 */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "store/database.h"
#include "store/store.h"

struct functions;

struct store {
	sqlite3 *database;
	struct functions *functions; /* once it is locked */
	char *path;
};

/* Whether there is a snapshot of this schema version at path; else a sentence. */
bool reader_check(const char *path, struct error *err);

/* Opened read only, but for tables of the connection's own. */
struct store *reader_connect(const char *path, struct error *err);

/* From here on nothing passes but reading. */
bool reader_lock(struct store *store, struct error *err);

#endif
