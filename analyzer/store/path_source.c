#include "store/path_source.h"

#include "graph/graph.h"

#include <stdio.h>

/* The row of an object; false if there is none. */
static bool read_row(struct path_source *source, sqlite3_stmt **statement, const char *query,
		     uint32_t object)
{
	if (!*statement && !database_prepare(source->database, query, statement))
		return false;
	sqlite3_reset(*statement);
	sqlite3_bind_int64(*statement, 1, (sqlite3_int64)object + 1);
	return sqlite3_step(*statement) == SQLITE_ROW;
}

static uint32_t id_column(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL
		       ? OBJECT_NONE
		       : (uint32_t)(sqlite3_column_int64(statement, column) - 1);
}

static const char *text_column(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

static bool read_step(void *context, uint32_t object, struct expression_step *ret)
{
	struct path_source *source = context;

	if (!read_row(source, &source->step, "queries/path_step", object))
		return false;
	*ret = (struct expression_step){
		.parent = id_column(source->step, 0),
		.jump = id_column(source->step, 1),
		.depth = (uint32_t)sqlite3_column_int64(source->step, 2),
		.ordinal = (uint32_t)sqlite3_column_int64(source->step, 3),
		.label = text_column(source->step, 4),
		.expression = text_column(source->step, 5),
		.key_type = text_column(source->step, 6),
		.key_value = text_column(source->step, 7),
	};
	return ret->parent == OBJECT_NONE || ret->label;
}

static bool read_start(void *context, uint32_t object, char *ret, size_t size)
{
	struct path_source *source = context;
	const char *expression, *state, *type;

	if (!read_row(source, &source->start, "queries/path_start", object))
		return false;
	expression = text_column(source->start, 0);
	state = text_column(source->start, 1);
	type = text_column(source->start, 2);
	if (expression)
		snprintf(ret, size, "%s", expression);
	else if (state && type)
		expression_write_rootless(
			state, type, (addr_t)sqlite3_column_int64(source->start, 3), ret, size);
	return expression || (state && type);
}

struct expression_source path_source_expressions(struct path_source *source)
{
	return (struct expression_source){source, read_step, read_start};
}

void path_source_release(struct path_source *source)
{
	sqlite3_finalize(source->step);
	sqlite3_finalize(source->start);
	*source = (struct path_source){0};
}
