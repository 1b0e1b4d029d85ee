/*
 * The public functions, over the pipeline and the store.
 */
#include "include/heapsect.h"

#include "base/arena.h"
#include "base/vector.h"
#include "pipeline/pipeline.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>

struct heapsect_options {
	struct pipeline_options pipeline;
	VECTOR_OF(const char *)
	debug_dirs; /* NULL-terminated */
	VECTOR_OF(const char *)
	library_dirs; /* the same */
	struct arena *texts;
};

/* The message, and the status it comes with. */
static int32_t tell(const struct error *err, char *message, uint64_t size)
{
	if (message && size)
		snprintf(message, size, "%s", err->message);
	return error_exit_status(err);
}

const char *heapsect_version(void)
{
	return HEAPSECT_VERSION;
}

heapsect_options *heapsect_options_create(void)
{
	heapsect_options *options = calloc(1, sizeof(*options));

	if (!options)
		return NULL;
	options->texts = arena_create();
	if (options->texts && vector_push(&options->debug_dirs, NULL) &&
	    vector_push(&options->library_dirs, NULL))
		return options;
	heapsect_options_free(options);
	return NULL;
}

void heapsect_options_free(heapsect_options *options)
{
	if (!options)
		return;
	vector_release(&options->debug_dirs);
	vector_release(&options->library_dirs);
	arena_free(options->texts);
	free(options);
}

static int32_t set_number(const char *value, uint32_t limit, uint32_t *ret)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || number > limit)
		return HEAPSECT_USAGE;
	*ret = (uint32_t)number;
	return HEAPSECT_OK;
}

static int32_t set_flag(const char *value, bool *ret)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return HEAPSECT_USAGE;
	*ret = *value == '1';
	return HEAPSECT_OK;
}

static int32_t add_debug_dir(heapsect_options *options, const char *path)
{
	options->debug_dirs.items[options->debug_dirs.count - 1] = path;
	return vector_push(&options->debug_dirs, NULL) ? HEAPSECT_OK : HEAPSECT_UNUSABLE;
}

static int32_t add_library_dir(heapsect_options *options, const char *path)
{
	options->library_dirs.items[options->library_dirs.count - 1] = path;
	return vector_push(&options->library_dirs, NULL) ? HEAPSECT_OK : HEAPSECT_UNUSABLE;
}

static int32_t set_text(heapsect_options *options, const char *name, const char *value)
{
	struct pipeline_options *pipeline = &options->pipeline;
	const char **text = strcmp(name, "core") == 0        ? &pipeline->core
			    : strcmp(name, "output") == 0    ? &pipeline->output
			    : strcmp(name, "exe") == 0       ? &pipeline->executable
			    : strcmp(name, "sysroot") == 0   ? &pipeline->sysroot
			    : strcmp(name, "registers") == 0 ? &pipeline->registers
							     : NULL;
	const char *copy = arena_string(options->texts, value);

	if (!copy)
		return HEAPSECT_UNUSABLE;
	if (strcmp(name, "debug-dir") == 0)
		return add_debug_dir(options, copy);
	if (strcmp(name, "library-dir") == 0)
		return add_library_dir(options, copy);
	if (!text)
		return HEAPSECT_USAGE;
	*text = copy;
	return HEAPSECT_OK;
}

int32_t heapsect_options_set(heapsect_options *options, const char *name, const char *value)
{
	if (strcmp(name, "pid") == 0)
		return set_number(value, INT32_MAX, &options->pipeline.pid);
	if (strcmp(name, "memory-fd") == 0)
		return set_number(value, INT32_MAX, &options->pipeline.memory_fd);
	if (strcmp(name, "jobs") == 0)
		return set_number(value, 1024, &options->pipeline.jobs);
	if (strcmp(name, "partial") == 0)
		return set_flag(value, &options->pipeline.partial);
	if (strcmp(name, "no-cache") == 0)
		return set_flag(value, &options->pipeline.no_cache);
	return set_text(options, name, value);
}

int32_t heapsect_analyze(const heapsect_options *options, char *message, uint64_t size)
{
	struct pipeline_options pipeline = options->pipeline;
	struct error err = {0};

	pipeline.debug_dirs = options->debug_dirs.items;
	pipeline.library_dirs = options->library_dirs.items;
	if (!pipeline.core == !pipeline.pid)
		error_set(&err, ERROR_USAGE, "either core or pid is needed");
	else if (!pipeline.output)
		error_set(&err, ERROR_USAGE, "output is needed");
	else
		pipeline_analyze(&pipeline, &err);
	return tell(&err, message, size);
}

/* The handles are the store's own under other names. */
static struct store *snapshot_store(heapsect_snapshot *snapshot)
{
	return (struct store *)snapshot;
}

static const struct store_rows *store_rows(const heapsect_rows *rows)
{
	return (const struct store_rows *)rows;
}

heapsect_snapshot *heapsect_open(const char *path, char *message, uint64_t size)
{
	struct error err = {0};
	struct store *store = store_open(path, &err);

	if (!store)
		tell(&err, message, size);
	return (heapsect_snapshot *)store;
}

void heapsect_close(heapsect_snapshot *snapshot)
{
	store_release(snapshot_store(snapshot));
}

heapsect_rows *heapsect_query(heapsect_snapshot *snapshot, const char *sql, char *message,
			      uint64_t size)
{
	struct error err = {0};
	struct store_rows *rows = store_query_text(snapshot_store(snapshot), sql, &err);

	if (!rows)
		tell(&err, message, size);
	return (heapsect_rows *)rows;
}

int32_t heapsect_next(heapsect_rows *rows, char *message, uint64_t size)
{
	struct error err = {0};

	if (store_rows_next((struct store_rows *)rows, &err))
		return 1;
	return tell(&err, message, size) == HEAPSECT_OK ? 0 : -1;
}

void heapsect_rows_close(heapsect_rows *rows)
{
	store_rows_close((struct store_rows *)rows);
}

uint32_t heapsect_columns(const heapsect_rows *rows)
{
	return (uint32_t)store_rows_columns(store_rows(rows));
}

const char *heapsect_column_name(const heapsect_rows *rows, uint32_t column)
{
	return store_rows_column(store_rows(rows), column);
}

int32_t heapsect_is_null(const heapsect_rows *rows, uint32_t column)
{
	return store_rows_value(store_rows(rows), column).kind == STORE_NULL;
}

int64_t heapsect_integer(const heapsect_rows *rows, uint32_t column)
{
	return store_rows_value(store_rows(rows), column).integer;
}

double heapsect_real(const heapsect_rows *rows, uint32_t column)
{
	struct store_value value = store_rows_value(store_rows(rows), column);

	return value.kind == STORE_REAL ? value.real : (double)value.integer;
}

const char *heapsect_text(const heapsect_rows *rows, uint32_t column, uint64_t *ret_size)
{
	struct store_value value = store_rows_value(store_rows(rows), column);

	if (ret_size)
		*ret_size = value.length;
	return value.text;
}
