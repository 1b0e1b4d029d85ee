/*
 * What an object holds, and how much room it keeps for that: struct contents of runtime.h.
 */
#ifndef RUNTIME_CPYTHON_CONTENTS_H
#define RUNTIME_CPYTHON_CONTENTS_H

#include "runtime/cpython/types.h"

struct contents_table;

/* Reads by the number of a type, which is looked at once. */
struct contents_table *contents_table_create(const struct python *python,
					     const struct type_table *types);
void contents_table_free(struct contents_table *table);

/* False: an instance of that type has none, or it is damaged or not in the dump. */
bool contents_table_read(struct contents_table *table, uint32_t type, addr_t object,
			 struct contents *ret);

#endif
