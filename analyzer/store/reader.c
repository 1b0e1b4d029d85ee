/*
 * Reading a snapshot.  A connection is opened read only, and an authorizer lets nothing
 * through but reading: no ATTACH, no setting of pragmas.
 */
#include "store/reader.h"

#include "store/functions.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>

struct store_rows {
	struct store *store;
	sqlite3_stmt *statement;
	enum error_kind failure; /* what a failing step is: the user's SQL, or our file */
};

bool reader_check(const char *path, struct error *err)
{
	uint32_t version;

	switch (output_probe(path, &version)) {
	case OUTPUT_ABSENT:
		return error_set(err, ERROR_INPUT, "%s: no such file", path);
	case OUTPUT_UNREADABLE:
		return error_set(err, ERROR_INPUT, "%s: %s", path, strerror(errno));
	case OUTPUT_DIRECTORY:
		return error_set(err, ERROR_INPUT, "%s: is a directory, not a snapshot", path);
	case OUTPUT_EMPTY:
	case OUTPUT_OTHER:
	case OUTPUT_SPECIAL:
		return error_set(err, ERROR_FORMAT,
				 "%s: is not a heapsect snapshot; 'heapsect analyze CORE' "
				 "makes one",
				 path);
	case OUTPUT_SNAPSHOT:
		break;
	}
	if (version != SCHEMA_VERSION)
		return error_set(err, ERROR_FORMAT,
				 "%s: is of schema version %u, this heapsect reads version %u; "
				 "analyze the core again",
				 path, version, SCHEMA_VERSION);
	return true;
}

static bool is_reading_pragma(const char *name)
{
	static const char *const names[] = {
		"application_id", "foreign_key_check", "foreign_key_list", "index_info",
		"index_list",     "index_xinfo",       "integrity_check",  "page_count",
		"page_size",      "quick_check",       "table_info",       "table_list",
		"table_xinfo",    "user_version",      "function_list",    "compile_options",
		"module_list",
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (sqlite3_stricmp(name, names[i]) == 0)
			return true;
	return false;
}

static int authorize(void *context, int action, const char *first, const char *second,
		     const char *schema, const char *trigger)
{
	(void)context, (void)schema, (void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return sqlite3_stricmp(second, "load_extension") ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_UPDATE:
		/*
		 * A table-valued function, json_each() say, declares its columns with a CREATE
		 * TABLE that is never written.  SQLite refuses an UPDATE of this table itself.
		 */
		return sqlite3_stricmp(first, "sqlite_master") ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_PRAGMA:
		return is_reading_pragma(first) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

struct store *reader_connect(const char *path, struct error *err)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	CLEANUP(store_releasep) struct store *store = NULL;

	if (!reader_check(path, err))
		return NULL;
	store = calloc(1, sizeof(*store));
	if (store)
		store->path = realpath(path, NULL); /* ":memory:" means a file here */
	if (!store || !store->path) {
		error_set(err, ERROR_INPUT, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (sqlite3_open_v2(store->path, &store->database, flags, NULL) == SQLITE_OK)
		return TAKE(store);
	database_failed(store->database, store->path, ERROR_INPUT, err);
	return NULL;
}

bool reader_lock(struct store *store, struct error *err)
{
	if (!database_run(store->database, store->path, "reading", ERROR_FORMAT, err))
		return false;
	store->functions = functions_create(store->database);
	if (!store->functions)
		return error_out_of_memory(err, "opening the snapshot");
	sqlite3_set_authorizer(store->database, authorize, NULL);
	return true;
}

struct store *store_open(const char *path, struct error *err)
{
	CLEANUP(store_releasep) struct store *store = reader_connect(path, err);

	return store && reader_lock(store, err) ? TAKE(store) : NULL;
}

void store_release(struct store *store)
{
	if (!store)
		return;
	functions_release(store->functions);
	sqlite3_close(store->database);
	free(store->path);
	free(store);
}

void store_interrupt(struct store *store)
{
	sqlite3_interrupt(store->database);
}

bool store_is_complete(const char *sql)
{
	return sqlite3_complete(sql);
}

static struct store_rows *rows_of(struct store *store, sqlite3_stmt *statement,
				  enum error_kind failure, struct error *err)
{
	struct store_rows *rows = calloc(1, sizeof(*rows));

	if (!rows) {
		sqlite3_finalize(statement);
		error_out_of_memory(err, "running a query");
		return NULL;
	}
	*rows = (struct store_rows){store, statement, failure};
	return rows;
}

static void bind_parameter(sqlite3_stmt *statement, const struct store_parameter *parameter)
{
	char name[64];
	int index;

	snprintf(name, sizeof(name), ":%s", parameter->name);
	index = sqlite3_bind_parameter_index(statement, name);
	if (index == 0)
		return; /* a query need not use all that a report has */
	if (parameter->text)
		sqlite3_bind_text(statement, index, parameter->text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_int64(statement, index, parameter->integer);
}

struct store_rows *store_query(struct store *store, const char *query_name,
			       const struct store_parameter *parameters, size_t count,
			       struct error *err)
{
	sqlite3_stmt *statement;
	char file[96];

	snprintf(file, sizeof(file), "queries/%s", query_name);
	if (!database_prepare(store->database, file, &statement)) {
		database_failed(store->database, store->path, ERROR_FORMAT, err);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		bind_parameter(statement, &parameters[i]);
	return rows_of(store, statement, ERROR_FORMAT, err);
}

/* Compiling what follows a statement tells a comment from a second one. */
static bool is_blank_sql(struct store *store, const char *text)
{
	sqlite3_stmt *statement = NULL;
	bool blank = true;

	while (blank && *text) {
		const char *tail = text;

		blank = sqlite3_prepare_v2(store->database, text, -1, &statement, &tail) ==
				SQLITE_OK &&
			!statement;
		sqlite3_finalize(statement);
		if (tail == text)
			break;
		text = tail;
	}
	return blank;
}

static bool check_text_statement(struct store *store, sqlite3_stmt *statement, const char *tail,
				 struct error *err)
{
	if (!statement)
		return error_set(err, ERROR_USAGE, "there is no SQL statement in the query");
	if (!is_blank_sql(store, tail))
		return error_set(err, ERROR_USAGE, "one SQL statement at a time, please");
	if (!sqlite3_stmt_readonly(statement))
		return error_set(err, ERROR_USAGE,
				 "a snapshot is read only; this SQL statement would write");
	return true;
}

static bool text_failed(struct store *store, struct error *err)
{
	if (sqlite3_errcode(store->database) == SQLITE_AUTH)
		return error_set(err, ERROR_USAGE,
				 "a snapshot is read only; this SQL statement may not run");
	return error_set(err, ERROR_USAGE, "%s", sqlite3_errmsg(store->database));
}

struct store_rows *store_query_text(struct store *store, const char *sql, struct error *err)
{
	sqlite3_stmt *statement = NULL;
	const char *tail;

	if (sqlite3_prepare_v2(store->database, sql, -1, &statement, &tail) != SQLITE_OK) {
		text_failed(store, err);
		return NULL;
	}
	if (!check_text_statement(store, statement, tail, err)) {
		sqlite3_finalize(statement);
		return NULL;
	}
	return rows_of(store, statement, ERROR_USAGE, err);
}

struct store *store_rows_store(const struct store_rows *rows)
{
	return rows->store;
}

size_t store_rows_columns(const struct store_rows *rows)
{
	return (size_t)sqlite3_column_count(rows->statement);
}

const char *store_rows_column(const struct store_rows *rows, size_t column)
{
	const char *name = sqlite3_column_name(rows->statement, (int)column);

	return name ? name : "";
}

bool store_rows_next(struct store_rows *rows, struct error *err)
{
	int status = sqlite3_step(rows->statement);

	if (status == SQLITE_ROW)
		return true;
	if (status == SQLITE_DONE)
		return false;
	if ((status & 0xff) == SQLITE_INTERRUPT)
		return error_set(err, rows->failure, "the query was cancelled");
	if (rows->failure == ERROR_USAGE && (status & 0xff) == SQLITE_ERROR)
		return text_failed(rows->store, err);
	return database_failed(rows->store->database, rows->store->path, ERROR_FORMAT, err);
}

struct store_value store_rows_value(const struct store_rows *rows, size_t column)
{
	static const enum store_value_kind kinds[] = {
		[SQLITE_INTEGER] = STORE_INTEGER, [SQLITE_FLOAT] = STORE_REAL,
		[SQLITE_TEXT] = STORE_TEXT,       [SQLITE_BLOB] = STORE_BLOB,
		[SQLITE_NULL] = STORE_NULL,
	};
	int index = (int)column;
	struct store_value value = {
		.kind = kinds[sqlite3_column_type(rows->statement, index)],
	};

	if (value.kind == STORE_INTEGER)
		value.integer = sqlite3_column_int64(rows->statement, index);
	if (value.kind == STORE_REAL)
		value.real = sqlite3_column_double(rows->statement, index);
	if (value.kind == STORE_TEXT || value.kind == STORE_BLOB) {
		value.text = sqlite3_column_blob(rows->statement, index);
		value.length = (size_t)sqlite3_column_bytes(rows->statement, index);
	}
	if (!value.text)
		value.text = "";
	return value;
}

void store_rows_close(struct store_rows *rows)
{
	if (!rows)
		return;
	sqlite3_finalize(rows->statement);
	free(rows);
}
