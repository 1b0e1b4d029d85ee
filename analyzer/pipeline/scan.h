/*
 * Who else could hold an object?  A conservative scan of all writable memory of the dump for
 * the addresses of suspects.  Only words in memory that nobody understands count: what is
 * free, stale, or described by a layout cannot hide a reference.
 */
#ifndef PIPELINE_SCAN_H
#define PIPELINE_SCAN_H

#include "base/address_set.h"
#include "pipeline/collect.h"

struct scan_hits {
	uint32_t count;  /* words that may be references */
	addr_t first;    /* the lowest of them */
};

/* ret[i] is of suspect i, by rank in the frozen set. */
void scan_for_holders(const struct target *target, const struct collection *collection,
		      const struct graph *graph, const struct address_set *suspects,
		      struct scan_hits *ret);

#endif
