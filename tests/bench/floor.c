/*
 * What any analyzer would have to pay: reading the core once, and inserting the rows of a
 * snapshot with one prepared statement a table, into a database without journal or indexes.
 *
 * usage: floor CORE SNAPSHOT SCRATCH     prints "read SECONDS sum SUM" and "insert SECONDS
 * ROWS"
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH 4096 /* rows held in memory: reading them is not timed */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "floor: %s: %s\n", what, why);
	exit(1);
}

/* Adds all words up, so that they are really read. */
static double seconds_to_read(const char *path, uint64_t *sum)
{
	static uint64_t buffer[1 << 17];
	double start = now();
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (file < 0)
		fail(path, "cannot be opened");
	while ((got = read(file, buffer, sizeof(buffer))) > 0)
		for (size_t i = 0; i < (size_t)got / sizeof(*buffer); i++)
			*sum += buffer[i];
	close(file);
	return now() - start;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail(sql, sqlite3_errmsg(db));
	return statement;
}

static void execute(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(sql, sqlite3_errmsg(db));
}

/* Copies up to BATCH rows out of the select; how many there were. */
static int fetch(sqlite3_stmt *select, int columns, sqlite3_value **rows)
{
	int count = 0;

	while (count < BATCH && sqlite3_step(select) == SQLITE_ROW) {
		for (int i = 0; i < columns; i++)
			rows[count * columns + i] =
				sqlite3_value_dup(sqlite3_column_value(select, i));
		count++;
	}
	return count;
}

static void insert(sqlite3_stmt *statement, int columns, sqlite3_value **row)
{
	for (int i = 0; i < columns; i++)
		sqlite3_bind_value(statement, i + 1, row[i]);
	if (sqlite3_step(statement) != SQLITE_DONE)
		fail("insert", sqlite3_errmsg(sqlite3_db_handle(statement)));
	sqlite3_reset(statement);
}

static sqlite3_stmt *prepare_insert(sqlite3 *db, const char *table, int columns)
{
	sqlite3_str *sql = sqlite3_str_new(db);

	sqlite3_str_appendf(sql, "INSERT INTO main.\"%w\" VALUES (?", table);
	for (int i = 1; i < columns; i++)
		sqlite3_str_appendall(sql, ", ?");
	sqlite3_str_appendall(sql, ")");
	char *text = sqlite3_str_finish(sql);
	sqlite3_stmt *statement = prepare(db, text);

	sqlite3_free(text);
	return statement;
}

/* Seconds spent inserting; adds to *rows. */
static double copy_table(sqlite3 *db, const char *table, sqlite3_int64 *rows)
{
	char *sql = sqlite3_mprintf("SELECT * FROM source.\"%w\"", table);
	sqlite3_stmt *select = prepare(db, sql);
	int columns = sqlite3_column_count(select);
	sqlite3_stmt *statement = prepare_insert(db, table, columns);
	sqlite3_value **values = calloc((size_t)BATCH * (size_t)columns, sizeof(*values));
	double seconds = 0;
	int count;

	if (!values)
		fail(table, "out of memory");
	do {
		count = fetch(select, columns, values);
		double start = now();
		for (int i = 0; i < count; i++)
			insert(statement, columns, values + i * columns);
		seconds += now() - start;
		for (int i = 0; i < count * columns; i++)
			sqlite3_value_free(values[i]);
		*rows += count;
	} while (count == BATCH);
	free(values);
	sqlite3_finalize(statement);
	sqlite3_finalize(select);
	sqlite3_free(sql);
	return seconds;
}

static double seconds_to_insert(const char *snapshot, const char *scratch, sqlite3_int64 *rows)
{
	sqlite3 *db;
	double seconds = 0;

	if (sqlite3_open(scratch, &db) != SQLITE_OK)
		fail(scratch, sqlite3_errmsg(db));
	execute(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
	char *attach = sqlite3_mprintf("ATTACH %Q AS source", snapshot);
	execute(db, attach);
	sqlite3_free(attach);
	execute(db, "BEGIN");
	sqlite3_stmt *tables =
		prepare(db, "SELECT name, sql FROM source.sqlite_master"
			    " WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
	while (sqlite3_step(tables) == SQLITE_ROW) {
		execute(db, (const char *)sqlite3_column_text(tables, 1));
		seconds += copy_table(db, (const char *)sqlite3_column_text(tables, 0), rows);
	}
	sqlite3_finalize(tables);
	double start = now();
	execute(db, "COMMIT");
	seconds += now() - start;
	sqlite3_close(db);
	return seconds;
}

int main(int argc, char **argv)
{
	sqlite3_int64 rows = 0;
	uint64_t sum = 0;

	if (argc != 4)
		fail("usage", "floor CORE SNAPSHOT SCRATCH");
	double seconds = seconds_to_read(argv[1], &sum);
	printf("read %.3f sum %llx\n", seconds, (unsigned long long)sum);
	seconds = seconds_to_insert(argv[2], argv[3], &rows);
	printf("insert %.3f %lld\n", seconds, (long long)rows);
	return 0;
}
