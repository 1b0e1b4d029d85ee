/*
 * From chunk to chunk through a region.  A chunk is free if the next one says so, cached if
 * it is in the list of cached blocks, used otherwise.
 *
 * A damaged chunk is an anomaly, and the walk goes on at the next place where chunks fit
 * together.
 */
#ifndef HEAP_GLIBC_WALK_H
#define HEAP_GLIBC_WALK_H

#include "heap/glibc_format.h"

/* Adds to *ret what the arenas that it reports have. */
void glibc_walk_region(const struct glibc *glibc, const struct glibc_region *region,
		       const struct heap_visitor *visitor, struct glibc_extents *ret);

/* True if a chunk can be at the address. */
bool glibc_has_chunk(const struct glibc *glibc, const struct glibc_region *region,
		     addr_t address);
/* True if several chunks fit together from the address on. */
bool glibc_begins_run(const struct glibc *glibc, const struct glibc_region *region,
		      addr_t address);
/* Moves *address up to where a run begins; false if none does before the region's limit. */
bool glibc_next_run(const struct glibc *glibc, const struct glibc_region *region,
		    addr_t *address);
/* True if the region is chunks up to the top or to a fence. */
bool glibc_is_run(const struct glibc *glibc, const struct glibc_region *region);

#endif
