/*
 * From DIEs to variables, functions and what functions work on.
 *
 * Refuses to know: libdwarf, how types become numbers.
 */
#ifndef DEBUGINFO_FUNCTION_BUILDER_H
#define DEBUGINFO_FUNCTION_BUILDER_H

#include "debuginfo/die_tree.h"
#include "debuginfo/flat.h"
#include "debuginfo/type_builder.h"

/* False when out of memory, as all of these. */
bool function_builder_add_variables(const struct die_tree *tree, struct type_builder *types,
				    struct flat *ret);
bool function_builder_add_functions(const struct die_tree *tree, struct type_builder *types,
				    struct flat *ret);

#endif
