/*
 * When two type DIEs mean the same: keys that are equal then.
 *
 * A shallow key is equal for types that C calls the same, and knows of a struct only its
 * name.  A content key is made of a struct's members and their shallow keys.
 */
#ifndef DEBUGINFO_TYPE_KEYS_H
#define DEBUGINFO_TYPE_KEYS_H

#include "debuginfo/debug_info.h"
#include "debuginfo/die_tree.h"

struct type_keys {
	const struct die_tree *tree;
	uint64_t *shallow; /* by DIE; 0: not computed */
};

/* By DW_TAG_…. */
bool type_is_pointer(uint16_t tag);
bool type_is_compound(uint16_t tag); /* struct, union or enum */
/* Of a compound; DEBUG_POINTER for all else. */
enum debug_kind type_compound_kind(uint16_t tag);

/* "" for NULL. */
const char *type_text(const char *name);

/* The DIE behind typedefs and qualifiers; DIE_NONE for void. */
uint32_t type_stripped(const struct die_tree *tree, uint64_t offset);

/* An array's elements, of all dimensions; 0 where one is open. */
uint32_t type_element_count(const struct die_tree *tree, uint32_t array);

uint64_t type_name_key(enum debug_kind kind, const char *name);
/* Of a struct, union or enum.  depth: how many content keys it is part of. */
uint64_t type_content_key(struct type_keys *keys, uint32_t index, int depth);

#endif
