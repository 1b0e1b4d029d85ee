#include "store/insert.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>

bool insert_open(struct insert *insert, const char *name, struct error *err)
{
	char file[64];
	const char *text;

	snprintf(file, sizeof(file), "inserts/%s", name);
	text = sql_find(file);
	assert(text);
	insert->column = 0;
	if (sqlite3_prepare_v3(insert->database, text, -1, SQLITE_PREPARE_PERSISTENT,
			       &insert->statement, NULL) != SQLITE_OK)
		return database_failed(insert->database, insert->path, ERROR_OUTPUT, err);
	return true;
}

void insert_close(struct insert *insert)
{
	sqlite3_finalize(insert->statement);
	insert->statement = NULL;
}

bool insert_row(struct insert *insert, struct error *err)
{
	assert(insert->column == sqlite3_bind_parameter_count(insert->statement));
	insert->column = 0;
	if (sqlite3_step(insert->statement) != SQLITE_DONE) {
		sqlite3_reset(insert->statement);
		return database_failed(insert->database, insert->path, ERROR_OUTPUT, err);
	}
	sqlite3_reset(insert->statement);
	return true;
}

void insert_text(struct insert *insert, const char *text)
{
	size_t valid = text ? utf8_valid_length(text) : 0;
	char *repaired;

	insert->column++;
	if (!text || !text[valid]) {
		sqlite3_bind_text(insert->statement, insert->column, text ? text : "",
				  (int)valid, SQLITE_STATIC);
		return;
	}
	repaired = utf8_repaired(text);
	sqlite3_bind_text(insert->statement, insert->column, repaired, -1, free);
}
