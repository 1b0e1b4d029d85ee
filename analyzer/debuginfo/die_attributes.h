/*
 * The attributes of one DIE, put into a struct die.
 */
#ifndef DEBUGINFO_DIE_ATTRIBUTES_H
#define DEBUGINFO_DIE_ATTRIBUTES_H

#include "debuginfo/die_values.h"

/*
 * Fills in all but parent and end.  A function's ranges are appended to the tree's, under
 * the index that the next DIE of the tree will have.  False where libdwarf fails.
 */
bool die_attributes_read(struct die_context *context, Dwarf_Die handle, struct die *ret);

#endif
