/*
 * What each mapping of a process is for, told by what is known to be in it: a thread's stack
 * pointer or thread-local storage, the dynamic linker's list of libraries, a file.
 */
#ifndef PIPELINE_MAPPING_USES_H
#define PIPELINE_MAPPING_USES_H

#include "pipeline/account.h"

/* One for each mapping of the image; NULL when out of memory.  free() it. */
struct mapping_use *mapping_uses(struct target *target);

/*
 * Where the part of a stack begins that is in use: at the lowest of the stack pointers in the
 * mapping, less what a leaf function may use below it.  The end of the range if there is none.
 */
addr_t stack_in_use(const struct image *image, struct address_range range);

#endif
