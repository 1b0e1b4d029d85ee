/*
 * Where glibc's malloc keeps its state: main_arena is known by its bins, most of which point
 * at themselves; malloc_par by the addresses and counts in it that must agree.
 *
 * Refuses to know: symbols, versions.
 */
#ifndef HEAP_GLIBC_FIND_H
#define HEAP_GLIBC_FIND_H

#include "heap/glibc_format.h"

/* Sets format and the first of arenas.  False: the process has no such malloc. */
bool glibc_find_main(struct glibc *glibc);
/* Sets what has_parameters stands for, if it can be found; an anomaly if not. */
void glibc_find_parameters(struct glibc *glibc);

#endif
