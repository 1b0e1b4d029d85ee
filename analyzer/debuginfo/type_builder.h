/*
 * From type DIEs to types: typedefs and qualifiers resolved away, equal structs of different
 * units made one, declarations replaced by definitions.
 *
 * Two structs are equal if their names, sizes and members are, where a member's type counts
 * by its name only (so that a list's node equals itself without being walked in circles).
 *
 * Refuses to know: libdwarf, variables, functions.
 */
#ifndef DEBUGINFO_TYPE_BUILDER_H
#define DEBUGINFO_TYPE_BUILDER_H

#include "base/cleanup.h"
#include "base/error.h"
#include "debuginfo/die_tree.h"
#include "debuginfo/flat.h"

struct type_builder;

/*
 * Names the tree's unnamed structs after their typedefs.  Both must outlive the builder.
 * NULL when out of memory.
 */
struct type_builder *type_builder_create(struct die_tree *tree, struct flat *flat);
void type_builder_free(struct type_builder *builder);
DEFINE_CLEANUP(struct type_builder *, type_builder_free)

/* The number of the type at a DIE offset, added if need be; DEBUG_NONE for void. */
uint32_t type_builder_type(struct type_builder *builder, uint64_t offset);

/* All structs, unions and enums of the tree. */
void type_builder_add_all(struct type_builder *builder);
/* Call last: the members of all types there are by then. */
void type_builder_add_members(struct type_builder *builder);

bool type_builder_failed(const struct type_builder *builder);

#endif
