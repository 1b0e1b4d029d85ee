/*
 * Stretches of the address space and where their bytes are: sorted, never overlapping.
 * An image is built by laying one list under another: what lies above wins.
 */
#ifndef CORE_STRETCH_H
#define CORE_STRETCH_H

#include "base/types.h"
#include "base/vector.h"

struct stretch {
	addr_t start, end;
	const uint8_t *bytes; /* of start; or NULL */
	uint32_t origin;      /* whatever the maker wants to find again */
};

/* A vector: what fills it may leave it unsorted and overlapping. */
struct stretches {
	struct stretch *items;
	size_t count, capacity;
	bool failed;
};

/* Does nothing with an empty range. */
void stretches_push(struct stretches *list, struct stretch stretch);

/*
 * Adds what of `layer` the list does not cover yet.  The layer may be unsorted (it gets
 * sorted) and may overlap itself (the lower start wins, then the lower origin).
 */
void stretches_lay_under(struct stretches *list, struct stretches *layer);

/* Drops those without bytes, and joins neighbours whose bytes are neighbours too. */
void stretches_finish(struct stretches *list);

/* The stretch with the address in a sorted list, or NULL. */
const struct stretch *stretches_find(const struct stretches *list, addr_t address);

#endif
