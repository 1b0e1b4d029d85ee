/*
 * What an opened binary is made of.  For the binary*.c files only.
 */
#ifndef CORE_BINARY_PARTS_H
#define CORE_BINARY_PARTS_H

#include "base/vector.h"
#include "core/binary.h"
#include "core/file_map.h"
#include "core/relocations.h"
#include "core/symbols.h"

#include <pthread.h>

struct section {
	const char *name;
	addr_t address;
	uint64_t offset, size, flags;
	uint32_t type, link;
};

/* Read when first asked for, under the lock. */
struct tables {
	pthread_mutex_t lock;
	bool symbols_read, relocations_read;
	struct symbol_table *symbols; /* NULL: out of memory */
	struct relocations relocations;
};

struct binary {
	char *path;
	struct file_map file;
	struct build_id build_id;
	VECTOR_OF(struct binary_segment) segments;
	VECTOR_OF(struct section) sections; /* whose bytes are all in the file, or NOBITS */
	bool detached;
	struct tables *tables;
};

#endif
