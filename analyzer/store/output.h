/*
 * Where a snapshot goes: what lies at a path now, whether it may be replaced, and the name
 * beside it under which the new one grows.
 */
#ifndef STORE_OUTPUT_H
#define STORE_OUTPUT_H

#include "base/error.h"

enum output_state {
	OUTPUT_ABSENT,
	OUTPUT_EMPTY,    /* a file without a byte */
	OUTPUT_SNAPSHOT, /* of whatever version */
	OUTPUT_OTHER,    /* a file that is something else */
	OUTPUT_DIRECTORY,
	OUTPUT_SPECIAL,   /* a device, a pipe, … */
	OUTPUT_UNREADABLE /* errno says why */
};

/* *ret_version: the schema version of a snapshot, else 0. */
enum output_state output_probe(const char *path, uint32_t *ret_version);

/* The file that path names once links are followed; it need not exist.  malloc'd, or NULL. */
char *output_resolve(const char *path, struct error *err);

/* The name beside a resolved path.  malloc'd, or NULL. */
char *output_temporary(const char *resolved, struct error *err);

#endif
