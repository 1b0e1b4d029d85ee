/*
 * Table-valued functions whose rows are computed at once, and then read: SELECT * FROM why(7).
 * Only for files of store/.
 *
 * How to add one: its columns in schema/functions/NAME.sql, the last one hidden for the
 * argument; a function that fills rows; a line in functions.c.
 */
#ifndef STORE_COMPUTED_H
#define STORE_COMPUTED_H

#include "base/arena.h"
#include "base/vector.h"
#include "store/database.h"

struct computed_cell {
	const char *text; /* in the rows' arena; NULL: the number */
	int64_t integer;
	bool is_null;
};

struct computed_rows {
	struct arena *arena;
	VECTOR_OF(struct computed_cell) cells; /* row by row; all columns but the hidden one */
};

struct computed_table {
	const char *name;
	int columns; /* without the hidden one */
	/* False when out of memory, or where the snapshot cannot be read. */
	bool (*compute)(sqlite3 *database, sqlite3_value *argument, struct computed_rows *ret);
};

/* Registers it on a connection; the table lives as long.  SQLite's code. */
int computed_table_register(sqlite3 *database, const struct computed_table *table);

static inline void computed_integer(struct computed_rows *rows, int64_t integer)
{
	struct computed_cell cell = {.integer = integer};

	vector_push(&rows->cells, cell);
}

static inline void computed_text(struct computed_rows *rows, const char *text)
{
	struct computed_cell cell = {.text = arena_string(rows->arena, text)};

	cell.is_null = !cell.text;
	vector_push(&rows->cells, cell);
}

#endif
