/*
 * Every type DIE has the number of the type it became, computed once.  Types are found again
 * by a key of their content.
 */
#include "debuginfo/type_builder.h"

#include "debuginfo/debug_info.h"
#include "debuginfo/type_keys.h"

#include <dwarf.h>
#include <stdlib.h>

/* Typedefs of pointers to arrays of …: C declarations do not nest deeper, damage does. */
#define DEPTH_LIMIT 48

struct type_builder {
	struct die_tree *tree;
	struct flat *flat;
	struct type_keys keys;
	uint32_t *numbers;          /* by DIE; 0: not known, else the type's number + 1 */
	struct key_map contents;    /* key of content → type */
	struct key_map definitions; /* key of kind and name → DIE of the first definition */
	VECTOR_OF(uint32_t) dies;   /* by type: the DIE its members come from, or DIE_NONE */
};

static const struct die *die_at(const struct type_builder *builder, uint32_t index)
{
	return &builder->tree->dies.items[index];
}

/* The type of that content, old or new.  `die` is where its members come from. */
static uint32_t type_with(struct type_builder *builder, uint64_t key,
			  const struct flat_type *type, uint32_t die)
{
	uint32_t fresh = (uint32_t)builder->flat->types.count;
	uint32_t *place = key_map_add(&builder->contents, key, fresh);

	if (!place)
		return DEBUG_NONE;
	if (*place == fresh) {
		vector_push(&builder->flat->types, *type);
		vector_push(&builder->dies, die);
	}
	return *place < builder->flat->types.count ? *place : DEBUG_NONE;
}

static uint32_t number_of(struct type_builder *builder, uint64_t offset, int depth);

/* Struct, union or enum. */
static uint32_t compound(struct type_builder *builder, uint32_t index)
{
	const struct die *die = die_at(builder, index);
	enum debug_kind kind = type_compound_kind(die->tag);
	uint64_t key = type_name_key(kind, type_text(die->name));
	struct flat_type type = {.kind = kind, .target = DEBUG_NONE};

	if (die->is_declaration) {
		const uint32_t *definition =
			die->name ? key_map_find(&builder->definitions, key) : NULL;

		if (definition)
			return compound(builder, *definition);
		type.kind = DEBUG_DECLARATION;
		key = key_mix(key, DEBUG_DECLARATION);
	} else {
		key = key_mix(type_content_key(&builder->keys, index, 0), kind);
	}
	type.name = flat_string(builder->flat, type_text(die->name));
	type.size = die->size;
	return type_with(builder, key, &type, die->is_declaration ? DIE_NONE : index);
}

static uint32_t pointer(struct type_builder *builder, uint32_t index, int depth)
{
	uint32_t target = number_of(builder, die_at(builder, index)->type, depth + 1);
	struct flat_type type = {.kind = DEBUG_POINTER, .size = 8, .target = target};

	return type_with(builder, key_mix(7, target), &type, DIE_NONE);
}

static uint32_t array(struct type_builder *builder, uint32_t index, int depth)
{
	uint32_t target = number_of(builder, die_at(builder, index)->type, depth + 1);
	uint32_t count = type_element_count(builder->tree, index);
	struct flat_type type = {.kind = DEBUG_ARRAY, .target = target, .count = count};
	uint64_t element = target < builder->flat->types.count
				   ? builder->flat->types.items[target].size
				   : 0;

	if (count && element <= UINT64_MAX / count)
		type.size = element * count;
	return type_with(builder, key_mix(key_mix(8, target), count), &type, DIE_NONE);
}

static uint32_t base_type(struct type_builder *builder, uint32_t index)
{
	const struct die *die = die_at(builder, index);
	struct flat_type type = {
		.kind = DEBUG_BASE,
		.name = flat_string(builder->flat, type_text(die->name)),
		.size = die->size,
		.target = DEBUG_NONE,
		.is_signed = die->is_signed,
	};
	uint64_t key = key_mix_text(key_mix(9, die->size), type_text(die->name));

	return type_with(builder, key_mix(key, die->is_signed), &type, DIE_NONE);
}

static uint32_t resolve(struct type_builder *builder, uint32_t index, int depth)
{
	static const struct flat_type function = {.kind = DEBUG_FUNCTION, .target = DEBUG_NONE};
	uint16_t tag = die_at(builder, index)->tag;

	if (type_is_compound(tag))
		return compound(builder, index);
	if (type_is_pointer(tag))
		return pointer(builder, index, depth);
	switch (tag) {
	case DW_TAG_array_type:
		return array(builder, index, depth);
	case DW_TAG_base_type:
	case DW_TAG_ptr_to_member_type:
		return base_type(builder, index);
	case DW_TAG_subroutine_type:
	case DW_TAG_subprogram:
		return type_with(builder, key_mix(10, 0), &function, DIE_NONE);
	default:
		return DEBUG_NONE;
	}
}

static uint32_t number_of(struct type_builder *builder, uint64_t offset, int depth)
{
	uint32_t index = type_stripped(builder->tree, offset);

	if (index == DIE_NONE || depth > DEPTH_LIMIT)
		return DEBUG_NONE;
	if (builder->numbers[index] == 0)
		builder->numbers[index] = resolve(builder, index, depth) + 1;
	return builder->numbers[index] - 1;
}

uint32_t type_builder_type(struct type_builder *builder, uint64_t offset)
{
	return number_of(builder, offset, 0);
}

/* typedef struct { … } name; */
static void name_by_typedef(struct die_tree *tree, const struct die *alias)
{
	uint32_t index = type_stripped(tree, alias->type);
	struct die *target = index == DIE_NONE ? NULL : &tree->dies.items[index];

	if (target && alias->name && type_is_compound(target->tag) && !target->name)
		target->name = alias->name;
}

static void name_unnamed(struct die_tree *tree)
{
	for (uint32_t i = 0; i < tree->dies.count; i++) {
		struct die *die = &tree->dies.items[i];

		/* A C++ class defined outside of its namespace has its name where it is
		 * declared. */
		if (type_is_compound(die->tag) && !die->name && die->origin)
			die->name = die_tree_name(tree, i);
		if (die->name && !*die->name)
			die->name = NULL;
		if (die->tag == DW_TAG_typedef)
			name_by_typedef(tree, die);
	}
}

static void find_definitions(struct type_builder *builder)
{
	for (uint32_t i = 0; i < builder->tree->dies.count; i++) {
		const struct die *die = die_at(builder, i);

		if (type_is_compound(die->tag) && die->name && !die->is_declaration)
			key_map_add(&builder->definitions,
				    type_name_key(type_compound_kind(die->tag), die->name), i);
	}
}

struct type_builder *type_builder_create(struct die_tree *tree, struct flat *flat)
{
	CLEANUP(type_builder_freep) struct type_builder *builder = calloc(1, sizeof(*builder));

	if (!builder)
		return NULL;
	builder->tree = tree;
	builder->keys.tree = tree;
	builder->flat = flat;
	builder->keys.shallow = calloc(tree->dies.count + 1, sizeof(*builder->keys.shallow));
	builder->numbers = calloc(tree->dies.count + 1, sizeof(*builder->numbers));
	if (!builder->keys.shallow || !builder->numbers)
		return NULL;
	flat_string(flat, "");
	name_unnamed(tree);
	find_definitions(builder);
	return TAKE(builder);
}

void type_builder_free(struct type_builder *builder)
{
	free(builder->keys.shallow);
	free(builder->numbers);
	key_map_release(&builder->contents);
	key_map_release(&builder->definitions);
	vector_release(&builder->dies);
	free(builder);
}

/* A typedef that gives a struct a second name. */
static void add_alias(struct type_builder *builder, const struct die *die)
{
	struct flat *flat = builder->flat;
	uint32_t target = type_stripped(builder->tree, die->type);
	struct flat_alias alias;
	uint64_t key;

	if (target == DIE_NONE || !die->name || !type_is_compound(die_at(builder, target)->tag))
		return;
	alias.type = number_of(builder, die_at(builder, target)->offset, 0);
	if (alias.type == DEBUG_NONE ||
	    flat->types.items[alias.type].kind == DEBUG_DECLARATION ||
	    strcmp(flat->strings.items + flat->types.items[alias.type].name, die->name) == 0)
		return;
	key = key_mix_text(key_mix(11, alias.type), die->name);
	if (key_map_find(&builder->contents, key))
		return;
	key_map_add(&builder->contents, key, alias.type);
	alias.name = flat_string(flat, die->name);
	vector_push(&flat->aliases, alias);
}

void type_builder_add_all(struct type_builder *builder)
{
	vector_each (&builder->tree->dies, die) {
		if (type_is_compound(die->tag) && !die->is_declaration)
			number_of(builder, die->offset, 0);
	}
	vector_each (&builder->tree->dies, die) {
		if (die->tag == DW_TAG_typedef)
			add_alias(builder, die);
	}
}

/*
 * A bit field counts from its storage unit, a whole number of its type's size into the
 * struct, as long as it fits there: who reads it loads that unit and shifts.
 */
static void place_bits(const struct die *die, uint64_t unit, struct flat_member *ret)
{
	uint64_t first = die->bit_offset + die->value * 8;

	if (unit == 0 || unit > 16)
		unit = 8;
	if (die->is_big_endian_bits)
		first = die->value * 8 + ((die->has_size ? die->size : unit) * 8 -
					  die->bit_offset - die->bit_size);
	ret->bit_size = die->bit_size;
	ret->offset = (uint32_t)(first / 8 / unit * unit);
	ret->bit_offset = (uint16_t)(first - (uint64_t)ret->offset * 8);
	if ((uint64_t)ret->bit_offset + die->bit_size > unit * 8) {
		ret->offset = (uint32_t)(first / 8);
		ret->bit_offset = (uint16_t)(first % 8);
	}
}

static void add_member(struct type_builder *builder, const struct die *die)
{
	struct flat *flat = builder->flat;
	struct flat_member member = {.offset = (uint32_t)die->value};

	if (die->is_declaration || die->is_external || die->value > UINT32_MAX)
		return;
	member.name = flat_string(flat, type_text(die->name));
	member.type = number_of(builder, die->type, 0);
	if (die->bit_size)
		place_bits(die,
			   member.type == DEBUG_NONE ? 0 : flat->types.items[member.type].size,
			   &member);
	vector_push(&flat->members, member);
}

static void add_children(struct type_builder *builder, uint32_t type, uint32_t index)
{
	struct flat *flat = builder->flat;
	uint32_t end = die_at(builder, index)->end;
	bool is_negative = false;

	flat->types.items[type].first_member = (uint32_t)flat->members.count;
	for (uint32_t i = index + 1; i < end; i = die_at(builder, i)->end) {
		const struct die *die = die_at(builder, i);
		struct flat_enumerator enumerator = {.value = die->value};

		if (die->tag == DW_TAG_member || die->tag == DW_TAG_inheritance)
			add_member(builder, die);
		if (die->tag != DW_TAG_enumerator)
			continue;
		enumerator.name = flat_string(flat, type_text(die->name));
		is_negative |= (int64_t)die->value < 0;
		vector_push(&flat->enumerators, enumerator);
	}
	flat->types.items[type].member_count =
		(uint32_t)flat->members.count - flat->types.items[type].first_member;
	flat->types.items[type].is_signed = is_negative;
}

void type_builder_add_members(struct type_builder *builder)
{
	/* Members bring in types of their own, behind the last: the count grows. */
	for (uint32_t type = 0; type < builder->dies.count; type++) {
		if (builder->dies.items[type] != DIE_NONE)
			add_children(builder, type, builder->dies.items[type]);
	}
}

bool type_builder_failed(const struct type_builder *builder)
{
	return builder->contents.failed || builder->definitions.failed || builder->dies.failed;
}
