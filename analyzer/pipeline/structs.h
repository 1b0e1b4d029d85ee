/*
 * The C structs that a snapshot keeps the members of, so that an address within an object or a
 * block has a name: those that types of objects and typed blocks have.
 */
#ifndef PIPELINE_STRUCTS_H
#define PIPELINE_STRUCTS_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "debuginfo/debug_info.h"
#include "debuginfo/key_map.h"
#include "store/snapshot.h"

struct structs {
	struct snapshot *snapshot;
	struct arena *arena; /* for names */
	struct key_map known;
};

void structs_release(struct structs *structs);

/* Adds a struct or union with its members, once; anything else is left out. */
void structs_add(struct structs *structs, const struct debug_info *debug, uint32_t type);

#endif
