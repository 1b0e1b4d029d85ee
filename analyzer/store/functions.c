#include "store/functions.h"

#include "store/path_source.h"
#include "store/why.h"

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
	struct expression expression;

	(void)count;
	if (id > 0 && id < UINT32_MAX && expression_write(&source, (uint32_t)(id - 1), &expression))
		sqlite3_result_text(context, expression.text, -1, SQLITE_TRANSIENT);
}

static const struct computed_table *const tables[] = {&why_table, &why_type_table};

struct functions *functions_create(sqlite3 *database)
{
	struct functions *functions = calloc(1, sizeof(*functions));

	if (!functions)
		return NULL;
	functions->paths.database = database;
	for (size_t i = 0; i < ARRAY_COUNT(tables); i++)
		computed_table_register(database, tables[i]);
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
