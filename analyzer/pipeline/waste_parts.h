/*
 * What the passes of waste.c share.  Only for waste*.c.
 */
#ifndef PIPELINE_WASTE_PARTS_H
#define PIPELINE_WASTE_PARTS_H

#include "pipeline/waste.h"
#include "pipeline/waste_groups.h"

#define CONTENTS_UNKNOWN ((uint8_t)CONTENTS_KINDS)
#define COPY             (GROUP_NONE - 1)

/* A container, whose figures are known. */
struct waste_candidate {
	uint32_t object;
	enum waste_kind kind;
	uint32_t group; /* once the keys are weighed */
	uint64_t bytes;
	int64_t savings; /* of a list of numbers: without these */
};

/*
 * All arrays are [object_count].  Texts and bytes, and numbers, are different objects, so that
 * `group` and `tally` serve both.
 */
struct waste {
	const struct waste_source *source;
	const struct graph *graph;
	uint8_t *kind; /* enum contents_kind of live objects; else CONTENTS_UNKNOWN */
	uint32_t *
		first_equal; /* of texts and bytes, the first that is equal; else OBJECT_NONE */
	uint32_t *next_equal; /* the next one; after the last the first */
	uint32_t *tally; /* of the first one: how many are equal; of a number: references from
			    lists and tuples of numbers alone */
	uint32_t *group; /* or GROUP_NONE; COPY: one that is wanted */
	uint32_t *slots; /* of a table of the last of each set of equal ones */
	size_t slot_count, slots_used;
	struct holder_source holders;
	struct waste_groups groups;
	VECTOR_OF(struct waste_candidate) rooms,
		packs; /* of WASTE_ROOM and _EMPTY; of numbers */
};

bool waste_read(const struct waste *waste, uint32_t object, struct contents *ret);

static inline uint64_t waste_bytes(const struct graph *graph, uint32_t object)
{
	return graph->size[object] + graph->owned_size[object];
}

/* waste_copies.c: a text or bytes that was read; then, all known, who has copies; the sums. */
bool copies_take(struct waste *waste, uint32_t object, const struct contents *contents);
void copies_weigh(struct waste *waste);
bool copies_group(struct waste *waste);
void copies_sum(struct waste *waste);

/* waste_numbers.c: a list or tuple that was read, once the kinds of all objects are known. */
bool numbers_take(struct waste *waste, uint32_t object, const struct contents *contents);
void numbers_sum(struct waste *waste);

#endif
