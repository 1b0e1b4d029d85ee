/*
 * Who else could hold an object?  A conservative scan of all writable memory of the dump for
 * the addresses of suspects.  Only words in memory that nobody understands count: what is
 * free, stale, or described by a layout cannot hide a reference.
 */
#ifndef PIPELINE_SCAN_H
#define PIPELINE_SCAN_H

#include "analysis/ledger.h"
#include "base/address_set.h"
#include "pipeline/collect.h"

struct suspect {
	uint32_t hits;    /* words that may be references, or come with one: */
	uint32_t texts;   /* of these, words with the address of its text, as C code keeps it */
	addr_t first_hit; /* the lowest of them */
	addr_t data_hit;  /* the lowest in a module's data; 0: none is */
};

/* Objects with more references than were found. */
struct suspects {
	struct address_set *set;  /* their addresses; frozen */
	struct suspect *suspects; /* [count], by rank */
};

struct scan_runtime {
	const struct runtime_ops *ops;
	struct runtime *runtime;
};

/*
 * Finds the suspects of a ledger and scans for them.  The first word that may hold one becomes
 * a root of the graph, a guess like the words of stacks are.
 */
bool suspects_find(const struct target *target, struct scan_runtime runtime,
		   const struct collection *collection, struct graph *graph,
		   const struct ledger *ledger, struct suspects *ret, struct error *err);
void suspects_release(struct suspects *suspects);

#endif
