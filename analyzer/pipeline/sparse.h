/*
 * Arenas with little in them, and what that is.
 *
 * An arena of small objects is sparse if blocks in use are at most a quarter of it, and it has
 * any: then what is in it keeps three times its size, or more, from the system.  The C library
 * gives back the end of an arena: of that counts the part up to the end with the most free bytes
 * for the bytes in use, if it is a mebibyte or more.
 */
#ifndef PIPELINE_SPARSE_H
#define PIPELINE_SPARSE_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

struct sparse_arena {
	uint32_t arena;                 /* of the collection's */
	struct address_range range;     /* of it */
	uint64_t used;                  /* bytes of blocks there */
	uint32_t first_object, objects; /* in the graph */
	size_t first_raw, raws;         /* in raws of the list */
	uint64_t pins;                  /* both */
};

struct raw_block {
	addr_t address;
	uint32_t row; /* of snapshot->blocks */
};

struct sparse_list {
	const struct collection *collection;
	const struct snapshot *snapshot;
	VECTOR_OF(struct sparse_arena) arenas; /* those with the least in them first */
	VECTOR_OF(struct raw_block) raws;      /* ascending */
};

/* An object, or a block that is none. */
struct pin {
	const struct sparse_arena *arena;
	uint32_t object, row; /* one of them, the other OBJECT_NONE */
	uint32_t owner;       /* the object, or that of the block; or OBJECT_NONE */
	uint64_t size;
};

bool sparse_find(const struct collection *collection, const struct snapshot *snapshot,
		 struct sparse_list *ret, struct error *err);
void sparse_release(struct sparse_list *list);

typedef void sparse_fn(void *context, const struct pin *pin);
void sparse_each(const struct sparse_list *list, sparse_fn *call, void *context);

#endif
