/*
 * How the instances of a type are laid out: its reader, if memory that no struct describes
 * belongs to them; the plan of their C struct; the slots of Python classes; and the names of
 * the attributes in inline values.
 */
#include "runtime/cpython/dicts.h"
#include "runtime/cpython/traverse.h"
#include "runtime/cpython/walk.h"

#include <stdlib.h>

#define MEMBER_SIZE     40 /* PyMemberDef: name, int type, offset, int flags, doc */
#define MEMBER_OBJECT   16 /* T_OBJECT_EX */
#define MEMBER_OR_NONE  6  /* T_OBJECT */
#define MOST_SLOTS      10000
#define MOST_ATTRIBUTES 10000
#define DEEPEST_CLASS   100

/* The members behind a heap type's own struct are its __slots__; ob_size counts them. */
static void read_slots(const struct type_table *table, struct type_info *type,
		       const struct type_info *from)
{
	const struct python *python = type_table_python(table);
	uint32_t metatype = type_table_known(table, from->metatype);
	VECTOR_OF(struct named_slot) slots = {
		.items = type->slots, .count = type->slot_count, .capacity = type->slot_count};
	uint64_t count;
	addr_t member;

	if (metatype == TYPE_NONE ||
	    !image_read_u64(python->image,
			    from->address + field_offset(&python->fields, VAR_SIZE), &count) ||
	    count > MOST_SLOTS)
		return;
	member = from->address + type_table_get(table, metatype)->basicsize;
	for (uint64_t i = 0; i < count; i++, member += MEMBER_SIZE) {
		char name[256];
		uint64_t name_address, offset;
		uint32_t kind;

		if (!image_read_u64(python->image, member, &name_address) ||
		    !image_read_u32(python->image, member + 8, &kind) ||
		    !image_read_u64(python->image, member + 16, &offset) ||
		    kind != MEMBER_OBJECT || offset < 16 ||
		    offset + 8 > type->basicsize + type->itemsize ||
		    !image_read_string(python->image, name_address, name, sizeof(name)))
			continue;
		vector_push(&slots,
			    ((struct named_slot){(uint32_t)offset,
						 arena_format(python->arena, ".%s", name),
						 NAME_NONE}));
	}
	type->slots = slots.items;
	type->slot_count = slots.count;
}

static void read_all_slots(const struct type_table *table, struct type_info *type)
{
	const struct type_info *from = type;

	for (int depth = 0; depth < DEEPEST_CLASS; depth++) {
		/* Members of C types are fields of their struct. */
		if (from->is_python)
			read_slots(table, type, from);
		if (from->base == TYPE_NONE)
			return;
		from = type_table_get(table, from->base);
	}
}

/* One PyMemberDef; false at the end of the table.  A member that is no object has no name. */
static bool read_member(const struct python *python, addr_t member,
			const struct type_info *type, struct named_slot *ret)
{
	char name[256];
	uint64_t name_address, offset;
	uint32_t kind;

	*ret = (struct named_slot){.label = NAME_NONE};
	if (!image_read_u64(python->image, member, &name_address) || !name_address ||
	    !image_read_u32(python->image, member + 8, &kind) ||
	    !image_read_u64(python->image, member + 16, &offset))
		return false;
	if ((kind != MEMBER_OBJECT && kind != MEMBER_OR_NONE) || offset < 16 ||
	    offset > type->basicsize - 8 ||
	    !image_read_string(python->image, name_address, name, sizeof(name)))
		return true;
	ret->offset = (uint32_t)offset;
	ret->name = arena_format(python->arena, ".%s", name);
	return true;
}

/* Where no debug info names the fields of a C type and its bases, those that Python sees have
 * names all the same. */
static void read_members(const struct type_table *table, struct type_info *type)
{
	const struct python *python = type_table_python(table);
	const struct type_info *from = type;
	VECTOR_OF(struct named_slot) members = {0};

	for (int depth = 0; depth < DEEPEST_CLASS; depth++) {
		struct named_slot slot;
		addr_t member = 0;

		if (!from->is_python)
			image_read_u64(python->image,
				       from->address +
					       field_offset(&python->fields, TYPE_MEMBERS),
				       &member);
		for (int i = 0;
		     member && i < MOST_SLOTS && read_member(python, member, type, &slot);
		     i++, member += MEMBER_SIZE)
			if (slot.name)
				vector_push(&members, slot);
		if (from->base == TYPE_NONE)
			break;
		from = type_table_get(table, from->base);
	}
	type->members = members.items;
	type->member_count = members.count;
}

/* Struct sequences say in their dict how many items they really have. */
static void read_real_items(const struct python *python, struct type_info *type,
			    const struct type_info *base)
{
	addr_t value;

	if (type->is_python || !base || strcmp(base->name, "builtins.tuple") ||
	    !dict_find(python, type_dict(python, type->address), "n_fields", &value))
		return;
	image_read_u32(python->image, value + field_offset(&python->fields, LONG_DIGITS),
		       &type->real_items);
}

static void read_attributes(const struct python *python, struct type_info *type)
{
	VECTOR_OF(struct named_slot) attributes = {0};
	struct dict_keys keys;
	char name[256];

	if (!type_is_heap(type) ||
	    !image_read_u64(python->image,
			    type->address + field_offset(&python->fields, HEAPTYPE_CACHED_KEYS),
			    &type->cached_keys) ||
	    !type->cached_keys || !dict_keys_read(python, type->cached_keys, &keys) ||
	    keys.entry_count > MOST_ATTRIBUTES)
		return;
	for (uint64_t i = 0; i < keys.entry_count; i++) {
		if (!python_string(python, dict_entry_key(&keys, i), name, sizeof(name)))
			snprintf(name, sizeof(name), "?");
		vector_push(&attributes,
			    ((struct named_slot){(uint32_t)i,
						 arena_format(python->arena, ".%s", name),
						 NAME_NONE}));
	}
	type->attributes = attributes.items;
	type->attribute_count = attributes.count;
}

/* A type that adds no C fields of its own has its base's struct. */
static bool shares_struct(const struct type_info *type, const struct type_info *base)
{
	return base && (type->is_python || type->basicsize == base->basicsize);
}

/* What a C type has behind the struct that is known, its subclasses have, too. */
static void set_guessed_range(struct type_info *type, const struct type_info *base)
{
	if (base) {
		type->guess_from = base->guess_from;
		type->guess_to = base->guess_to;
	}
	if (type->layout == LAYOUT_GUESS && !shares_struct(type, base)) {
		type->guess_from = type->plan ? type->plan->size : 16;
		type->guess_to = type->basicsize;
	} else if (type->plan && !type->is_python && type->plan->size + 8 <= type->basicsize &&
		   (!base || base->plan == type->plan)) {
		type->guess_from = type->plan->size;
		type->guess_to = type->basicsize;
	}
}

static void resolve_struct(struct type_table *table, struct type_info *type,
			   const struct type_info *base)
{
	struct inferred inferred = {NULL, DEBUG_NONE};

	if (!type->is_python)
		inferred = infer_struct(table, type);
	if (inferred.debug) {
		type->plan = plan_for(type_table_plans(table), inferred.debug, inferred.type);
		type->layout = LAYOUT_DWARF;
	} else if (shares_struct(type, base)) {
		type->plan = base->plan;
		type->layout = base->layout;
	} else if (type->basicsize == 16 && !type->itemsize) {
		type->layout = LAYOUT_BUILTIN; /* nothing but the header */
	} else if (base && base->plan && base->itemsize == type->itemsize && base->itemsize) {
		type->plan = base->plan; /* struct sequences: tuples that begin further back */
		type->layout = base->layout;
	} else {
		type->plan = base ? base->plan : NULL; /* begins with its base's struct */
		type->layout = LAYOUT_GUESS;
	}
	set_guessed_range(type, base);
	if (type->plan && type->layout != LAYOUT_GUESS)
		type->struct_name = type->plan->struct_name;
	type->is_variable = type->plan ? type->plan->is_variable : type->itemsize != 0;
}

/* Does the type's function itself visit the type of an instance? */
static bool visits_type(const struct python *python, const struct type_info *type)
{
	return traverse_visits(python, type->traverse,
			       field_offset(&python->fields, OBJECT_TYPE),
			       TRAVERSE_DIRECT) == VISIT_YES;
}

/*
 * Classes' instances always visited their type; those of C heap types do since 3.9, if their
 * function does not leave it out.
 */
static bool is_type_visited(const struct type_table *table, const struct type_info *type)
{
	const struct python *python = type_table_python(table);

	if (!type_is_container(type) || !type_is_heap(type))
		return false;
	if (type->is_python)
		return true;
	return has_field(&python->fields, HEAPTYPE_MODULE) &&
	       traverse_visits(python, type->traverse,
			       field_offset(&python->fields, OBJECT_TYPE),
			       TRAVERSE_DIRECT) != VISIT_NO;
}

/* The traverse function of a type, and how much of the struct is its matter. */
static struct traverser traverser_of(const struct type_table *table,
				     const struct type_info *type)
{
	struct traverser traverser = {.function = type->traverse,
				      .size = type->basicsize,
				      .own = TRAVERSE_DIRECT,
				      .seen = visits_type(type_table_python(table), type)};
	const struct type_info *base =
		type->base == TYPE_NONE ? NULL : type_table_get(table, type->base);

	if (base && base->traverse == type->traverse) {
		traverser.size = base->basicsize;
		traverser.inherited = true;
	}
	return traverser;
}

/* Which fields the collector sees is known from the code of the traverse functions. */
static void apply_traverse(struct type_table *table, struct type_info *type)
{
	struct traverser traversers[DEEPEST_CLASS];
	const struct type_info *from = type;
	size_t count = 0;

	if (!type->plan || type->is_python || !type_is_container(type))
		return;
	while (count < DEEPEST_CLASS) {
		/* A base's function is called only where the base's struct is part of ours. */
		if (from == type ||
		    (from->plan && plan_embeds(type->plan, from->plan->struct_name)))
			traversers[count++] = traverser_of(table, from);
		if (from->base == TYPE_NONE)
			break;
		from = type_table_get(table, from->base);
	}
	type->plan = plan_traversed(type_table_plans(table), type->plan, traversers, count);
}

void type_resolve(struct type_table *table, struct type_info *type)
{
	struct type_info *base = NULL;

	if (type->resolved)
		return;
	type->resolved = true;
	type->struct_name = "";
	if (type->base != TYPE_NONE) {
		base = type_table_get(table, type->base);
		type_resolve(table, base); /* as deep as the class hierarchy */
	}
	type->reader = reader_for(type->name);
	if (!type->reader && base)
		type->reader = base->reader;
	resolve_struct(table, type, base);
	/* ctypes' bases are no containers, but have the function for those who are. */
	type->struct_visited =
		type->is_python ? base && base->struct_visited : type->traverse != 0;
	type->type_visited = is_type_visited(table, type);
	apply_traverse(table, type);
	if (type->reader)
		type->layout = LAYOUT_BUILTIN;
	read_all_slots(table, type);
	if (type->guess_to > type->guess_from)
		read_members(table, type);
	if (type->is_python && type->layout != LAYOUT_GUESS)
		type->layout = type->layout == LAYOUT_BUILTIN && type->reader ? LAYOUT_BUILTIN
									      : LAYOUT_SLOTS;
	read_real_items(type_table_python(table), type, base);
	read_attributes(type_table_python(table), type);
}
