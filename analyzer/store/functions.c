#include "store/functions.h"

#include "store/path_source.h"

#include <stdlib.h>

struct functions {
	struct path_source paths;
};

/* path(object_id): NULL for what is no object. */
static void path_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct functions *functions = sqlite3_user_data(context);
	struct expression_source source = path_source_expressions(&functions->paths);
	sqlite3_int64 id = sqlite3_value_int64(values[0]);
	char text[EXPRESSION_SIZE];

	(void)count;
	if (id > 0 && id < UINT32_MAX && expression_write(&source, (uint32_t)(id - 1), text))
		sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

struct functions *functions_create(sqlite3 *database)
{
	struct functions *functions = calloc(1, sizeof(*functions));

	if (!functions)
		return NULL;
	functions->paths.database = database;
	sqlite3_create_function(database, "path", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
				functions, path_function, NULL, NULL);
	return functions;
}

void functions_release(struct functions *functions)
{
	if (!functions)
		return;
	path_source_release(&functions->paths);
	free(functions);
}
