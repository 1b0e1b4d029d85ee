/*
 * Which structs of a module begin with which: C's way to derive one struct from another.
 * Refuses to know: shapes, memory.
 */
#ifndef TYPING_HEIRS_H
#define TYPING_HEIRS_H

#include "debuginfo/debug_info.h"

struct heirs;

/* NULL when out of memory.  debug outlives it. */
struct heirs *heirs_create(const struct debug_info *debug);
void heirs_free(struct heirs *heirs); /* NULL is fine */

const struct debug_info *heirs_debug(const struct heirs *heirs);

/* The struct that a struct begins with; DEBUG_NONE if it begins with something else. */
uint32_t heirs_first_member(const struct debug_info *debug, uint32_t type);

/*
 * The structs that begin with this one, at any depth, and are larger than it, of a size between
 * two limits.  Counts to 2, two of one name and size as one; the first in *ret.
 */
size_t heirs_find(const struct heirs *heirs, uint32_t type, uint64_t least, uint64_t most,
		  uint32_t *ret);

#endif
