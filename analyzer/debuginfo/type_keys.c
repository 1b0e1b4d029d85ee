#include "debuginfo/type_keys.h"

#include "debuginfo/key_map.h"

#include <dwarf.h>

/* Typedefs of pointers to arrays of …: C declarations do not nest deeper, damage does. */
#define DEPTH_LIMIT 48
#define VOID_KEY    1

static bool is_qualifier(uint16_t tag)
{
	return tag == DW_TAG_typedef || tag == DW_TAG_const_type ||
	       tag == DW_TAG_volatile_type || tag == DW_TAG_restrict_type ||
	       tag == DW_TAG_atomic_type;
}

bool type_is_pointer(uint16_t tag)
{
	return tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type ||
	       tag == DW_TAG_rvalue_reference_type;
}

/* DEBUG_POINTER for what is none of the three. */
enum debug_kind type_compound_kind(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_interface_type:
		return DEBUG_STRUCT;
	case DW_TAG_union_type:
		return DEBUG_UNION;
	case DW_TAG_enumeration_type:
		return DEBUG_ENUM;
	default:
		return DEBUG_POINTER;
	}
}

bool type_is_compound(uint16_t tag)
{
	return type_compound_kind(tag) != DEBUG_POINTER;
}

static const struct die *die_at(const struct die_tree *tree, uint32_t index)
{
	return &tree->dies.items[index];
}

const char *type_text(const char *name)
{
	return name ? name : "";
}

/* The next offset on the way to what a DIE means; 0 at the end of the way. */
static uint64_t behind(const struct die *die)
{
	if (is_qualifier(die->tag))
		return die->type;
	/* In DWARF with type units this stands for the struct in its unit. */
	return type_is_compound(die->tag) && die->is_declaration ? die->origin : 0;
}

/* The DIE behind typedefs and qualifiers; DIE_NONE for void. */
uint32_t type_stripped(const struct die_tree *tree, uint64_t offset)
{
	for (int step = 0; step < DEPTH_LIMIT && offset; step++) {
		uint32_t index = die_tree_at(tree, offset);

		if (index == DIE_NONE)
			return DIE_NONE;
		offset = behind(&tree->dies.items[index]);
		if (!offset && !is_qualifier(tree->dies.items[index].tag))
			return index;
	}
	return DIE_NONE;
}

uint64_t type_name_key(enum debug_kind kind, const char *name)
{
	return key_mix_text(key_mix(2, kind), name);
}

/* Of all dimensions; 0 where one is open. */
uint32_t type_element_count(const struct die_tree *tree, uint32_t array)
{
	uint64_t count = 1;
	bool any = false;

	for (uint32_t i = array + 1; i < die_at(tree, array)->end; i = die_at(tree, i)->end) {
		const struct die *die = die_at(tree, i);

		if (die->tag != DW_TAG_subrange_type)
			continue;
		any = true;
		if (!die->has_size || die->size > UINT32_MAX || count * die->size > UINT32_MAX)
			return 0;
		count *= die->size;
	}
	return any ? (uint32_t)count : 0;
}

static uint64_t shallow_key(struct type_keys *keys, uint64_t offset, int depth);

uint64_t type_content_key(struct type_keys *keys, uint32_t index, int depth)
{
	const struct die *die = die_at(keys->tree, index);
	uint64_t key = type_name_key(type_compound_kind(die->tag), type_text(die->name));

	key = key_mix(key, die->size);
	for (uint32_t i = index + 1; i < die->end; i = die_at(keys->tree, i)->end) {
		const struct die *child = die_at(keys->tree, i);

		if (child->tag == DW_TAG_enumerator)
			key = key_mix(key_mix_text(key, type_text(child->name)), child->value);
		if (child->tag != DW_TAG_member && child->tag != DW_TAG_inheritance)
			continue;
		key = key_mix_text(key, type_text(child->name));
		key = key_mix(key, child->value);
		key = key_mix(key, (uint64_t)child->bit_size << 32 | child->bit_offset);
		key = key_mix(key, shallow_key(keys, child->type, depth + 1));
	}
	return key;
}

static uint64_t shallow_key_of(struct type_keys *keys, uint32_t index, int depth)
{
	const struct die *die = die_at(keys->tree, index);

	if (is_qualifier(die->tag) || behind(die))
		return shallow_key(keys, behind(die), depth + 1);
	if (type_is_pointer(die->tag))
		return key_mix(3, shallow_key(keys, die->type, depth + 1));
	if (type_is_compound(die->tag))
		return die->name ? type_name_key(type_compound_kind(die->tag), die->name)
				 : type_content_key(keys, index, depth);
	switch (die->tag) {
	case DW_TAG_array_type:
		return key_mix(key_mix(4, type_element_count(keys->tree, index)),
			       shallow_key(keys, die->type, depth + 1));
	case DW_TAG_base_type:
		return key_mix(key_mix_text(5, type_text(die->name)), die->size);
	default:
		return key_mix(6, die->tag);
	}
}

static uint64_t shallow_key(struct type_keys *keys, uint64_t offset, int depth)
{
	uint32_t index = offset ? die_tree_at(keys->tree, offset) : DIE_NONE;

	if (index == DIE_NONE || depth > DEPTH_LIMIT)
		return VOID_KEY;
	if (!keys->shallow[index]) {
		keys->shallow[index] = VOID_KEY; /* what a circle meets */
		keys->shallow[index] = shallow_key_of(keys, index, depth);
	}
	return keys->shallow[index];
}
