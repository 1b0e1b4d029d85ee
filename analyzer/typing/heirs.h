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
 * How many structs begin with this one, at any depth, are larger than it, and have a size
 * between two limits; two of one name and size are one.  The last in *ret.  HEIRS_MANY: two or
 * more, or one without a name, or the struct has so many heirs that one of them always fits.
 */
#define HEIRS_MANY 2u
size_t heirs_find(const struct heirs *heirs, uint32_t type, uint64_t least, uint64_t most,
		  uint32_t *ret);

#endif
