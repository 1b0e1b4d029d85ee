/*
 * The DIEs of a module that say something about types, variables and functions, in the
 * order of their offsets, parents before children.  All of libdwarf's answers end up here;
 * whoever draws conclusions from them reads this and not DWARF.
 *
 * Refuses to know: libdwarf, what the conclusions are.
 */
#ifndef DEBUGINFO_DIE_TREE_H
#define DEBUGINFO_DIE_TREE_H

#include "base/types.h"
#include "base/vector.h"

#define DIE_NONE UINT32_MAX

/* Where a DIE is: its offset in .debug_info, or in .debug_types with this bit.  0: nowhere. */
#define DIE_IN_TYPES ((uint64_t)1 << 63)

struct die {
	uint64_t offset;
	uint64_t type;    /* offset of what DW_AT_type means; 0: void */
	uint64_t origin;  /* DW_AT_abstract_origin, _specification or _signature; 0: none */
	const char *name; /* NULL: none.  Lives as long as the reader's debug session */
	uint64_t value;   /* address, member offset, enumerator; by tag */
	uint64_t size;    /* DW_AT_byte_size; array elements of a subrange; bytes of code */
	uint32_t parent;  /* index, or DIE_NONE */
	uint32_t end;     /* index after its last descendant */
	uint32_t unit;
	uint16_t tag;        /* DW_TAG_… */
	uint16_t bit_size;   /* 0: no bit field */
	uint32_t bit_offset; /* DW_AT_data_bit_offset, or the older DW_AT_bit_offset */
	bool has_size : 1;
	bool has_type : 1;
	bool is_declaration : 1;
	bool is_external : 1;
	bool is_thread_local : 1;
	bool has_address : 1; /* `value` is a static address, or the entry of a function */
	bool is_signed : 1;
	bool is_big_endian_bits : 1; /* bit_offset is the old DW_AT_bit_offset */
	bool has_ranges : 1;
};

struct die_range {
	uint32_t die;
	addr_t low, high;
};

struct die_tree {
	VECTOR_OF(struct die) dies;
	VECTOR_OF(struct die_range) ranges; /* of functions with several, by die, in order */
	uint32_t *buckets;                  /* made by die_tree_index() */
	size_t bucket_count;
	uint32_t first_in_types; /* index */
	uint32_t unit_count;
	uint32_t unreadable_units;
};

void die_tree_release(struct die_tree *tree);

/* Call once, after the last DIE; die_tree_at() works from then on.  False: out of memory. */
bool die_tree_index(struct die_tree *tree);

/* The index of the DIE at an offset, or DIE_NONE. */
uint32_t die_tree_at(const struct die_tree *tree, uint64_t offset);

/* The DIE it is an instance of, followed to the last; itself if it has no origin. */
uint32_t die_tree_origin(const struct die_tree *tree, uint32_t index);

/* What it, or else one of its origins, has; "" and 0 where none has. */
const char *die_tree_name(const struct die_tree *tree, uint32_t index);
uint64_t die_tree_type(const struct die_tree *tree, uint32_t index);
bool die_tree_is_external(const struct die_tree *tree, uint32_t index);

#endif
