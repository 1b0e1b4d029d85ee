/*
 * Writing a snapshot: the tables in one transaction, then indexes and views, then the rename.
 * Figures for the settings are in schema/settings.sql.
 */
#include "store/output.h"
#include "store/rows.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct store_writer {
	sqlite3 *database;
	char *path;      /* resolved */
	char *temporary; /* NULL once it is gone or renamed */
	bool has_references;
};

static const struct {
	const char *name; /* of the statement in schema/inserts/ */
	rows_fn *write;
} tables[] = {
	{"meta", rows_meta},
	{"mappings", rows_mappings},
	{"accounting", rows_accounting},
	{"threads", rows_threads},
	{"frames", rows_frames},
	{"c_frames", rows_c_frames},
	{"types", rows_types},
	{"type_totals", rows_type_totals},
	{"labels", rows_labels},
	{"objects", rows_objects},
	{"roots", rows_roots},
	{"paths", rows_paths},
	{"places", rows_places},
	{"blocks", rows_blocks},
	{"block_totals", rows_block_totals},
	{"arenas", rows_arenas},
	{"pools", rows_pools},
	{"symbols", rows_symbols},
	{"structs", rows_structs},
	{"members", rows_members},
	{"releases", rows_releases},
	{"pins", rows_pins},
	{"cycles", rows_cycles},
	{"cycle_members", rows_cycle_members},
	{"cycle_patterns", rows_cycle_patterns},
	{"cycle_edges", rows_cycle_edges},
	{"leak_groups", rows_leak_groups},
	{"leaks", rows_leaks},
	{"collectors", rows_collectors},
	{"generations", rows_generations},
	{"tracked_types", rows_tracked_types},
	{"waste", rows_waste},
	{"fingerprints", rows_fingerprints},
	{"findings", rows_findings},
	{"anomalies", rows_anomalies},
};

static bool open_database(struct store_writer *writer, struct error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_EXRESCODE;

	unlink(writer->temporary); /* of a run that was killed and had our process id */
	if (sqlite3_open_v2(writer->temporary, &writer->database, flags, NULL) != SQLITE_OK)
		return database_failed(writer->database, writer->path, ERROR_OUTPUT, err);
	return database_run(writer->database, writer->path, "settings", ERROR_OUTPUT, err) &&
	       database_run(writer->database, writer->path, "tables", ERROR_OUTPUT, err);
}

struct store_writer *store_begin(const char *path, struct error *err)
{
	CLEANUP(store_closep) struct store_writer *writer = NULL;

	if (!store_check_writable(path, err))
		return NULL;
	writer = calloc(1, sizeof(*writer));
	if (!writer) {
		error_out_of_memory(err, "opening the snapshot");
		return NULL;
	}
	writer->path = output_resolve(path, err);
	writer->temporary = writer->path ? output_temporary(writer->path, err) : NULL;
	if (!writer->temporary || !open_database(writer, err))
		return NULL;
	return TAKE(writer);
}

static bool write_table(struct store_writer *writer, const char *name, rows_fn *write,
			const struct snapshot *snapshot, struct error *err)
{
	struct insert insert = {.database = writer->database, .path = writer->path};
	bool ok = insert_open(&insert, name, err) && write(&insert, snapshot, err);

	insert_close(&insert);
	return ok;
}

bool store_write_references(struct store_writer *writer, const struct graph *graph,
			    struct error *err)
{
	struct snapshot snapshot = {.graph = graph};

	writer->has_references = true;
	return write_table(writer, "refs", rows_refs, &snapshot, err) &&
	       database_run(writer->database, writer->path, "indexes_of_refs", ERROR_OUTPUT,
			    err);
}

bool store_write_all(struct store_writer *writer, const struct snapshot *snapshot,
		     struct error *err)
{
	if (!writer->has_references && !store_write_references(writer, snapshot->graph, err))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(tables); i++)
		if (!write_table(writer, tables[i].name, tables[i].write, snapshot, err))
			return false;
	return database_run(writer->database, writer->path, "indexes", ERROR_OUTPUT, err) &&
	       database_run(writer->database, writer->path, "views", ERROR_OUTPUT, err);
}

bool store_add_meta(struct store_writer *writer, const char *key, const char *value,
		    struct error *err)
{
	struct insert insert = {.database = writer->database, .path = writer->path};
	bool ok = insert_open(&insert, "meta", err) && row_meta(&insert, key, value, err);

	insert_close(&insert);
	return ok;
}

bool store_commit(struct store_writer *writer, struct error *err)
{
	if (!database_run(writer->database, writer->path, "commit", ERROR_OUTPUT, err))
		return false;
	if (sqlite3_close(writer->database) != SQLITE_OK)
		return database_failed(writer->database, writer->path, ERROR_OUTPUT, err);
	writer->database = NULL;
	if (rename(writer->temporary, writer->path) != 0)
		return error_set(err, ERROR_OUTPUT, "%s: cannot be written: %s", writer->path,
				 strerror(errno));
	free(writer->temporary);
	writer->temporary = NULL;
	return true;
}

void store_close(struct store_writer *writer)
{
	if (!writer)
		return;
	sqlite3_close(writer->database);
	if (writer->temporary)
		unlink(writer->temporary);
	free(writer->temporary);
	free(writer->path);
	free(writer);
}

bool store_write(const char *path, const struct snapshot *snapshot, struct error *err)
{
	CLEANUP(store_closep) struct store_writer *writer = store_begin(path, err);

	return writer && store_write_all(writer, snapshot, err) && store_commit(writer, err);
}
