/*
 * Rows into a table: one statement, prepared once, values bound in the order of its columns.
 * Texts are not copied: they live until the next row.  Only for files of store/.
 */
#ifndef STORE_INSERT_H
#define STORE_INSERT_H

#include "store/database.h"
#include "store/snapshot.h"

struct insert {
	sqlite3 *database;
	const char *path;
	sqlite3_stmt *statement;
	int column; /* last one bound */
};

/* Of schema/inserts/NAME.sql. */
bool insert_open(struct insert *insert, const char *name, struct error *err);
void insert_close(struct insert *insert);
/* The values bound so far are a row, or as many rows as the statement has. */
bool insert_row(struct insert *insert, struct error *err);

static inline void insert_integer(struct insert *insert, int64_t value)
{
	sqlite3_bind_int64(insert->statement, ++insert->column, value);
}

/* Beyond INT64_MAX negative: SQLite has no unsigned integers. */
static inline void insert_unsigned(struct insert *insert, uint64_t value)
{
	insert_integer(insert, (int64_t)value);
}

static inline void insert_null(struct insert *insert)
{
	sqlite3_bind_null(insert->statement, ++insert->column);
}

/* The id of the row of an index; NULL for OBJECT_NONE. */
static inline void insert_id(struct insert *insert, uint32_t index)
{
	if (index == OBJECT_NONE)
		insert_null(insert);
	else
		insert_integer(insert, (int64_t)index + 1);
}

/* What is not UTF-8 in it is replaced. */
void insert_text(struct insert *insert, const char *text);

/* NULL for an empty one: "" means unknown or absent in snapshot.h. */
static inline void insert_known_text(struct insert *insert, const char *text)
{
	if (text && *text)
		insert_text(insert, text);
	else
		insert_null(insert);
}

/* NULL where it is not known. */
static inline void insert_if(struct insert *insert, bool is_known, uint64_t value)
{
	if (is_known)
		insert_unsigned(insert, value);
	else
		insert_null(insert);
}

/* NULL for zero. */
static inline void insert_known(struct insert *insert, uint64_t value)
{
	if (value)
		insert_unsigned(insert, value);
	else
		insert_null(insert);
}

#endif
