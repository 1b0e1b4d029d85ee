#include "store/computed.h"

#include <assert.h>
#include <stdlib.h>

struct computed_vtab {
	sqlite3_vtab base;
	sqlite3 *database;
	const struct computed_table *table;
};

struct computed_cursor {
	sqlite3_vtab_cursor base;
	struct computed_rows rows;
	size_t row;
};

static int connect(sqlite3 *database, void *opaque, int count, const char *const *words,
		   sqlite3_vtab **ret, char **message)
{
	const struct computed_table *table = opaque;
	struct computed_vtab *vtab;
	char file[96];
	int status;

	(void)count, (void)words;
	snprintf(file, sizeof(file), "functions/%s", table->name);
	assert(sql_find(file));
	status = sqlite3_declare_vtab(database, sql_find(file));
	if (status != SQLITE_OK) {
		*message = sqlite3_mprintf("%s", sqlite3_errmsg(database));
		return status;
	}
	vtab = sqlite3_malloc(sizeof(*vtab));
	if (!vtab)
		return SQLITE_NOMEM;
	*vtab = (struct computed_vtab){.database = database, .table = table};
	*ret = &vtab->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *vtab)
{
	sqlite3_free(vtab);
	return SQLITE_OK;
}

/* There is no answer without the argument. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct computed_vtab *vtab = (struct computed_vtab *)base;

	for (int i = 0; i < info->nConstraint; i++) {
		if (info->aConstraint[i].iColumn != vtab->table->columns ||
		    info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ ||
		    !info->aConstraint[i].usable)
			continue;
		info->aConstraintUsage[i].argvIndex = 1;
		info->aConstraintUsage[i].omit = 1;
		info->estimatedCost = 10000;
		info->estimatedRows = 20;
		return SQLITE_OK;
	}
	return SQLITE_CONSTRAINT;
}

static int open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret)
{
	struct computed_cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	(void)vtab;
	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct computed_cursor){.row = 0};
	*ret = &cursor->base;
	return SQLITE_OK;
}

static void release_rows(struct computed_cursor *cursor)
{
	vector_release(&cursor->rows.cells);
	arena_free(cursor->rows.arena);
	cursor->rows.arena = NULL;
	cursor->row = 0;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	release_rows((struct computed_cursor *)base);
	sqlite3_free(base);
	return SQLITE_OK;
}

/* Most likely the database is no snapshot: SQLite's message tells what it lacks. */
static int failed(sqlite3_vtab *base, const struct computed_vtab *vtab)
{
	if (sqlite3_errcode(vtab->database) != SQLITE_ERROR)
		return SQLITE_NOMEM;
	base->zErrMsg =
		sqlite3_mprintf("%s(): %s", vtab->table->name, sqlite3_errmsg(vtab->database));
	return SQLITE_ERROR;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *name, int count,
		  sqlite3_value **values)
{
	struct computed_cursor *cursor = (struct computed_cursor *)base;
	const struct computed_vtab *vtab = (struct computed_vtab *)base->pVtab;

	(void)number, (void)name;
	release_rows(cursor);
	cursor->rows.arena = arena_create();
	if (count != 1 || !cursor->rows.arena)
		return SQLITE_NOMEM;
	if (vtab->table->compute(vtab->database, values[0], &cursor->rows))
		return cursor->rows.cells.failed ? SQLITE_NOMEM : SQLITE_OK;
	return failed(base->pVtab, vtab);
}

static int next(sqlite3_vtab_cursor *base)
{
	((struct computed_cursor *)base)->row++;
	return SQLITE_OK;
}

static size_t first_cell(const struct computed_cursor *cursor)
{
	const struct computed_vtab *vtab = (struct computed_vtab *)cursor->base.pVtab;

	return cursor->row * (size_t)vtab->table->columns;
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
	const struct computed_cursor *cursor = (struct computed_cursor *)base;

	return first_cell(cursor) >= cursor->rows.cells.count;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	const struct computed_cursor *cursor = (struct computed_cursor *)base;
	const struct computed_vtab *vtab = (struct computed_vtab *)base->pVtab;
	const struct computed_cell *cell;

	if (number >= vtab->table->columns)
		return SQLITE_OK;
	cell = &cursor->rows.cells.items[first_cell(cursor) + (size_t)number];
	if (cell->text)
		sqlite3_result_text(context, cell->text, -1, SQLITE_TRANSIENT);
	else if (!cell->is_null)
		sqlite3_result_int64(context, cell->integer);
	return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)((struct computed_cursor *)base)->row;
	return SQLITE_OK;
}

int computed_table_register(sqlite3 *database, const struct computed_table *table)
{
	/* Without xCreate it needs no CREATE VIRTUAL TABLE, and no snapshot can have one. */
	static const sqlite3_module module = {
		.xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next,
		.xEof = is_at_end,
		.xColumn = column,
		.xRowid = row_id,
	};

	return sqlite3_create_module(database, table->name, &module, (void *)table);
}
