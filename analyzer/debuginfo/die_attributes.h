/*
 * The attributes of one DIE, put into a struct die.  With die_reader.c the only code that
 * sees libdwarf.
 */
#ifndef DEBUGINFO_DIE_ATTRIBUTES_H
#define DEBUGINFO_DIE_ATTRIBUTES_H

#include "debuginfo/die_tree.h"
#include "debuginfo/libdwarf_compat.h"

/* The type that a type unit is about. */
struct die_signature {
	uint64_t signature;
	uint64_t offset;
};

/* What a DIE's attributes mean depends on: its session and its unit. */
struct die_context {
	Dwarf_Debug debug;
	struct die_tree *tree;
	VECTOR_OF(struct die_signature)
	signatures; /* ascending */
	uint32_t unit;
	bool is_info; /* .debug_info, not .debug_types */
	uint16_t version;
	addr_t base; /* the unit's DW_AT_low_pc: range lists count from it */
};

/*
 * Fills in all but parent and end.  A function's ranges are appended to the tree's, under
 * the index that the next DIE of the tree will have.  False where libdwarf fails.
 */
bool die_attributes_read(struct die_context *context, Dwarf_Die handle, struct die *ret);

#endif
