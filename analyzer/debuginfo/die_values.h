/*
 * The value of one attribute, whatever form it has.
 *
 * Refuses to know: which attributes there are.
 */
#ifndef DEBUGINFO_DIE_VALUES_H
#define DEBUGINFO_DIE_VALUES_H

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
	VECTOR_OF(struct die_signature) signatures; /* ascending */
	uint32_t unit;
	bool is_info; /* .debug_info, not .debug_types */
	uint16_t version;
	addr_t base; /* the unit's DW_AT_low_pc: range lists count from it */
};

/* libdwarf's call returned a value.  Frees the failure if it is one. */
bool die_value_ok(const struct die_context *context, int result, Dwarf_Error failure);

/* 0 if it cannot be told. */
Dwarf_Half die_value_form(const struct die_context *context, Dwarf_Attribute attribute);

/* False for what is no constant. */
bool die_value_constant(const struct die_context *context, Dwarf_Attribute attribute,
			uint64_t *ret);

/* The bytes of an expression, as long as the session lives; false for a location list. */
bool die_value_expression(const struct die_context *context, Dwarf_Attribute attribute,
			  const uint8_t **ret, size_t *ret_size);

/* The offset of a DIE as in struct die; 0 for one in another file. */
uint64_t die_value_reference(const struct die_context *context, Dwarf_Attribute attribute);

bool die_value_flag(const struct die_context *context, Dwarf_Attribute attribute);

/* NULL for none and for an empty one.  As long as the session lives. */
const char *die_value_text(const struct die_context *context, Dwarf_Attribute attribute);

/* Steps over an unsigned LEB128; false if it has no end. */
bool die_value_uleb(const uint8_t **bytes, const uint8_t *end, uint64_t *ret);

#endif
