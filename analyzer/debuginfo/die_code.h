/*
 * Addresses of a DIE: where a variable is, where a function's code is.
 */
#ifndef DEBUGINFO_DIE_CODE_H
#define DEBUGINFO_DIE_CODE_H

#include "debuginfo/die_values.h"

/* A DIE's attributes on the way: some can only be understood together. */
struct attributes {
	struct die_context *context;
	struct die *die;
	Dwarf_Die handle;
	uint64_t high;
	bool has_low, has_high, high_is_length;
};

/* A variable's, where it is a fixed place in the module or in its thread-local image. */
void die_code_location(struct attributes *attributes, Dwarf_Attribute attribute);

void die_code_low(struct attributes *attributes, Dwarf_Attribute attribute);
void die_code_high(struct attributes *attributes, Dwarf_Attribute attribute);
/* Appends a function's ranges to the tree's, for the DIE that it gets next. */
void die_code_ranges(struct attributes *attributes, Dwarf_Attribute attribute);

/* After the last attribute: what low and high say together. */
void die_code_finish(struct attributes *attributes);

#endif
