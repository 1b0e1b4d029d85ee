/*
 * How well a shape fits a block of memory, by its size and by what stands in it.
 *
 * Refuses to know: who points to the block.
 */
#ifndef TYPING_FIT_H
#define TYPING_FIT_H

#include "core/image.h"
#include "typing/shapes.h"

/* In ascending order. */
enum type_confidence {
	TYPE_UNKNOWN,
	TYPE_GUESS,   /* the block begins with one; what follows it is not known */
	TYPE_LIKELY,  /* it is one, or an array of them, as far as sizes and contents tell */
	TYPE_CERTAIN, /* it is one: a typed pointer, and exactly the size */
};
const char *type_confidence_name(enum type_confidence confidence); /* "certain", … */

struct fit_block {
	addr_t address;
	uint64_t size;  /* bytes its user has: what was asked for, rounded up */
	bool is_mapped; /* rounded up to whole pages */
};

struct fit {
	uint32_t shape; /* another one if a struct fits that begins with the one asked for */
	enum type_confidence confidence; /* TYPE_UNKNOWN: it cannot be */
	bool is_array;
};

/* Reads target memory through it: one for each thread. */
struct fit_reader {
	const struct image *image;
	size_t hint;
	struct address_range mapped; /* where the last pointer led */
};

struct fit fit_shape(struct shapes *shapes, uint32_t shape, const struct fit_block *block,
		     struct fit_reader *reader);

#endif
