#include "store/compare.h"

#include <stdlib.h>

enum { COLUMN_ADDRESS, COLUMN_TYPE, COLUMN_SIZE, COLUMN_GENERATION, COLUMN_CONTENT };

/* A snapshot's objects in the order of their addresses, which is that of their ids. */
struct walk {
	sqlite3_stmt *rows;
	bool more;
	int64_t id;
	uint64_t address;
};

/* A type of the older snapshot, as the newer one has it. */
struct same_type {
	int64_t id; /* 0: it is not there */
	bool is_dict;
};

struct comparison {
	struct store *store;
	struct error *err;
	struct same_type *types; /* by id in the older one */
	int64_t type_count;
	struct walk old, now;
	sqlite3_stmt *born, *died;
};

static bool failed(struct comparison *comparison)
{
	return database_failed(comparison->store->database, comparison->store->path,
			       ERROR_FORMAT, comparison->err);
}

static bool prepare(struct comparison *comparison, const char *name, sqlite3_stmt **ret)
{
	return database_prepare(comparison->store->database, name, ret) || failed(comparison);
}

static bool add_type(struct comparison *comparison, int64_t old, struct same_type type)
{
	if (old < 1)
		return true;
	if (old >= comparison->type_count) {
		int64_t count = 2 * old + 64;
		struct same_type *types =
			reallocarray(comparison->types, (size_t)count, sizeof(*types));

		if (!types)
			return error_out_of_memory(comparison->err, "comparing types");
		memset(types + comparison->type_count, 0,
		       (size_t)(count - comparison->type_count) * sizeof(*types));
		comparison->types = types;
		comparison->type_count = count;
	}
	comparison->types[old] = type;
	return true;
}

static bool read_types(struct comparison *comparison)
{
	sqlite3_stmt *rows;
	int status = SQLITE_DONE;
	bool ok = prepare(comparison, "compare/types", &rows);

	while (ok && (status = sqlite3_step(rows)) == SQLITE_ROW)
		ok = add_type(comparison, sqlite3_column_int64(rows, 0),
			      (struct same_type){sqlite3_column_int64(rows, 1),
						 sqlite3_column_int(rows, 2)});
	if (ok && status != SQLITE_DONE)
		ok = failed(comparison);
	sqlite3_finalize(rows);
	return ok;
}

static bool advance(struct comparison *comparison, struct walk *walk)
{
	int status = sqlite3_step(walk->rows);

	walk->more = status == SQLITE_ROW;
	if (!walk->more)
		return status == SQLITE_DONE || failed(comparison);
	walk->id++;
	walk->address = (uint64_t)sqlite3_column_int64(walk->rows, COLUMN_ADDRESS);
	return true;
}

static bool has_other_content(const struct comparison *comparison)
{
	sqlite3_stmt *old = comparison->old.rows, *now = comparison->now.rows;

	return sqlite3_column_type(old, COLUMN_CONTENT) != SQLITE_NULL &&
	       sqlite3_column_type(now, COLUMN_CONTENT) != SQLITE_NULL &&
	       (sqlite3_column_int64(old, COLUMN_CONTENT) !=
			sqlite3_column_int64(now, COLUMN_CONTENT) ||
		sqlite3_column_int64(old, COLUMN_SIZE) !=
			sqlite3_column_int64(now, COLUMN_SIZE));
}

static bool is_young_again(const struct comparison *comparison)
{
	sqlite3_stmt *old = comparison->old.rows, *now = comparison->now.rows;
	int before = sqlite3_column_int(old, COLUMN_GENERATION);

	return (before == 1 || before == 2) &&
	       sqlite3_column_type(now, COLUMN_GENERATION) != SQLITE_NULL &&
	       sqlite3_column_int(now, COLUMN_GENERATION) == 0;
}

/* Of two at the same address. */
static bool is_same(const struct comparison *comparison)
{
	int64_t type = sqlite3_column_int64(comparison->old.rows, COLUMN_TYPE);
	const struct same_type *same;

	if (type < 1 || type >= comparison->type_count)
		return false;
	same = &comparison->types[type];
	if (!same->id || same->id != sqlite3_column_int64(comparison->now.rows, COLUMN_TYPE))
		return false;
	return !has_other_content(comparison) && (same->is_dict || !is_young_again(comparison));
}

/* other: what has, or had, the address; 0: nothing. */
static bool note(struct comparison *comparison, sqlite3_stmt *insert, int64_t id, int64_t other)
{
	bool ok;

	sqlite3_bind_int64(insert, 1, id);
	if (other)
		sqlite3_bind_int64(insert, 2, other);
	else
		sqlite3_bind_null(insert, 2);
	ok = sqlite3_step(insert) == SQLITE_DONE || failed(comparison);
	sqlite3_reset(insert);
	return ok;
}

/* At the lowest address that either walk has not passed. */
static bool compare_next(struct comparison *comparison)
{
	struct walk *old = &comparison->old, *now = &comparison->now;
	bool here = old->more && (!now->more || old->address <= now->address);
	bool there = now->more && (!old->more || now->address <= old->address);

	if (here && there && is_same(comparison))
		return advance(comparison, old) && advance(comparison, now);
	if (here && !note(comparison, comparison->died, old->id, there ? now->id : 0))
		return false;
	if (there && !note(comparison, comparison->born, now->id, here ? old->id : 0))
		return false;
	return (!here || advance(comparison, old)) && (!there || advance(comparison, now));
}

static bool compare_all(struct comparison *comparison)
{
	bool ok = read_types(comparison) &&
		  prepare(comparison, "compare/objects_old", &comparison->old.rows) &&
		  prepare(comparison, "compare/objects_new", &comparison->now.rows) &&
		  prepare(comparison, "compare/born", &comparison->born) &&
		  prepare(comparison, "compare/died", &comparison->died) &&
		  advance(comparison, &comparison->old) &&
		  advance(comparison, &comparison->now);

	while (ok && (comparison->old.more || comparison->now.more))
		ok = compare_next(comparison);
	return ok;
}

bool compare_objects(struct store *store, struct error *err)
{
	struct comparison comparison = {.store = store, .err = err};
	bool ok = database_run(store->database, store->path, "compare/begin", ERROR_FORMAT,
			       err) &&
		  compare_all(&comparison);

	sqlite3_finalize(comparison.old.rows);
	sqlite3_finalize(comparison.now.rows);
	sqlite3_finalize(comparison.born);
	sqlite3_finalize(comparison.died);
	free(comparison.types);
	return ok && database_run(store->database, store->path, "commit", ERROR_FORMAT, err);
}
