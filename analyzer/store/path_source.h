/*
 * Paths of a snapshot's table `paths`, for expressions.  Only for files of store/.
 */
#ifndef STORE_PATH_SOURCE_H
#define STORE_PATH_SOURCE_H

#include "analysis/expression.h"
#include "store/database.h"

/* Statements over one connection, prepared when first needed. */
struct path_source {
	sqlite3 *database;
	sqlite3_stmt *step, *start;
};

/* Objects are numbers, ids - 1. */
struct expression_source path_source_expressions(struct path_source *source);
void path_source_release(struct path_source *source);

#endif
