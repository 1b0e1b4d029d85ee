/*
 * libheapsect: from a core dump to a snapshot, and from a snapshot to rows.
 *
 * Handles are opaque, integers have fixed widths, strings are UTF-8 and NUL-terminated.  The
 * library never exits, prints or installs signal handlers.  A handle is one thread's at a time.
 *
 * Functions that can fail take `message`, a place for one sentence of at most `size` bytes
 * (1024 hold every one); it may be NULL with size 0.
 */
#ifndef HEAPSECT_H
#define HEAPSECT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HEAPSECT_API __attribute__((visibility("default")))

/* What functions return; the numbers are the program's exit statuses. */
#define HEAPSECT_OK       0
#define HEAPSECT_USAGE    2 /* an option or a query that cannot be */
#define HEAPSECT_UNUSABLE 3 /* the input cannot be used */
#define HEAPSECT_OUTPUT   4 /* the output cannot be written */

typedef struct heapsect_options heapsect_options;
typedef struct heapsect_snapshot heapsect_snapshot;
typedef struct heapsect_rows heapsect_rows;

/* "0.1.0" */
HEAPSECT_API const char *heapsect_version(void);

/* NULL when out of memory. */
HEAPSECT_API heapsect_options *heapsect_options_create(void);
HEAPSECT_API void heapsect_options_free(heapsect_options *options);

/*
 * Names are those of `heapsect analyze`: core, pid, registers, memory-fd, output, exe,
 * sysroot, debug-dir and library-dir (repeatable), jobs; partial and no-cache, whose value is "1" or "0".  Values are copied.
 */
HEAPSECT_API int32_t heapsect_options_set(heapsect_options *options, const char *name,
					  const char *value);

/* Writes the snapshot at `output`, which appears only when it is whole. */
HEAPSECT_API int32_t heapsect_analyze(const heapsect_options *options, char *message,
				      uint64_t size);

/* NULL on failure. */
HEAPSECT_API heapsect_snapshot *heapsect_open(const char *path, char *message, uint64_t size);
HEAPSECT_API void heapsect_close(heapsect_snapshot *snapshot);

/* One SQL statement that only reads; NULL on failure.  Close rows before their snapshot. */
HEAPSECT_API heapsect_rows *heapsect_query(heapsect_snapshot *snapshot, const char *sql,
					   char *message, uint64_t size);
/* 1: there is a row; 0: there is none left; -1: failed. */
HEAPSECT_API int32_t heapsect_next(heapsect_rows *rows, char *message, uint64_t size);
HEAPSECT_API void heapsect_rows_close(heapsect_rows *rows);

HEAPSECT_API uint32_t heapsect_columns(const heapsect_rows *rows);
HEAPSECT_API const char *heapsect_column_name(const heapsect_rows *rows, uint32_t column);
/* Of the current row.  Integers above INT64_MAX (addresses) are negative. */
HEAPSECT_API int32_t heapsect_is_null(const heapsect_rows *rows, uint32_t column);
HEAPSECT_API int64_t heapsect_integer(const heapsect_rows *rows, uint32_t column);
HEAPSECT_API double heapsect_real(const heapsect_rows *rows, uint32_t column);
/* "" if it is no text; *ret_size may be NULL; until the next heapsect_next(). */
HEAPSECT_API const char *heapsect_text(const heapsect_rows *rows, uint32_t column,
				       uint64_t *ret_size);

#ifdef __cplusplus
}
#endif

#endif
