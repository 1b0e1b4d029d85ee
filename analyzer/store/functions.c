#include "store/functions.h"

#include "store/path_source.h"
#include "store/regexp.h"
#include "store/text_functions.h"
#include "store/why.h"

#include <stdlib.h>

struct functions {
	struct path_source paths;
	bool lent; /* the connection is somebody else's */
};

static const struct computed_table *const tables[] = {&why_table};

static void write_path(struct functions *functions, sqlite3_context *context, sqlite3_int64 id)
{
	struct expression_source source = path_source_expressions(&functions->paths);
	struct expression expression;

	functions->paths.database = sqlite3_context_db_handle(context);
	if (id > 0 && id < UINT32_MAX &&
	    expression_write(&source, (uint32_t)(id - 1), &expression))
		sqlite3_result_text(context, expression.text, -1, SQLITE_TRANSIENT);
	else if (id > 0 && !functions->paths.step)
		sqlite3_result_error(context, "path(): the main database is no snapshot", -1);
}

/*
 * path(object_id): NULL for what is no object.  Statements stay open for the next call, but on
 * a connection that somebody else closes, which an open one would prevent.
 */
static void path_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct functions *functions = sqlite3_user_data(context);

	(void)count;
	write_path(functions, context, sqlite3_value_int64(values[0]));
	if (functions->lent)
		path_source_release(&functions->paths);
}

static void destroy(void *functions)
{
	functions_release(functions);
}

/* SQLite's code. */
static int register_all(sqlite3 *database, struct functions *functions)
{
	int code = sqlite3_create_function_v2(
		database, "path", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, functions,
		path_function, NULL, NULL, functions->lent ? destroy : NULL);

	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_COUNT(tables); i++)
		code = computed_table_register(database, tables[i]);
	if (code == SQLITE_OK)
		code = regexp_register(database);
	return code == SQLITE_OK ? text_functions_register(database) : code;
}

struct functions *functions_create(sqlite3 *database)
{
	struct functions *functions = calloc(1, sizeof(*functions));

	if (functions && register_all(database, functions) == SQLITE_OK)
		return functions;
	functions_release(functions);
	return NULL;
}

void functions_release(struct functions *functions)
{
	if (!functions)
		return;
	path_source_release(&functions->paths);
	free(functions);
}

int functions_load(sqlite3 *database)
{
	struct functions *functions = calloc(1, sizeof(*functions));

	if (!functions)
		return SQLITE_NOMEM;
	functions->lent = true;
	return register_all(database, functions); /* path() destroys it, whatever comes */
}
