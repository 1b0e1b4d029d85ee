/*
 * A regular file mapped read-only, whole.  Paths may come out of a core, so anything that is
 * not a regular file (a pipe would block, a device would act) is refused.
 */
#ifndef CORE_FILE_MAP_H
#define CORE_FILE_MAP_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/types.h"

struct file_map {
	const uint8_t *bytes; /* NULL for an empty file */
	uint64_t size;
};

/* False and a sentence, kind ERROR_INPUT. */
bool file_map_open(struct file_map *ret, const char *path, struct error *err);

/* Maps what an open descriptor holds; `path` is for the sentence only. */
bool file_map_descriptor(struct file_map *ret, int descriptor, const char *path,
			 struct error *err);

/* Accepts a zeroed map. */
void file_map_close(struct file_map *map);

#endif
