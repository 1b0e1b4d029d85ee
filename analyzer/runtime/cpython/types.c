#include "runtime/cpython/types.h"

#include "base/vector.h"
#include "runtime/cpython/dicts.h"

#include <ctype.h>
#include <stdlib.h>

#define LONGEST_NAME   512
#define LARGEST_OBJECT ((uint64_t)1 << 20) /* a plausible tp_basicsize */
#define LARGEST_ITEM   ((uint64_t)1 << 16) /* a plausible tp_itemsize */

/* Types are few and looked up once an object: a small table stays in the first-level cache. */
struct type_table {
	const struct python *python;
	struct plan_cache *plans;
	VECTOR_OF(struct type_info *)
	types; /* in the python's arena, so that pointers are stable */
	uint32_t *slots;
	size_t slot_count;
	addr_t last;
	uint32_t last_index;
	addr_t subtype_dealloc; /* 0 if not found */
	uint64_t type_size;     /* sizeof(PyTypeObject) */
};

static size_t slot_of(const struct type_table *table, addr_t address)
{
	size_t at = (address * 0x9E3779B97F4A7C15ull) >> 40 & (table->slot_count - 1);

	while (table->slots[at] != TYPE_NONE &&
	       table->types.items[table->slots[at]]->address != address)
		at = (at + 1) & (table->slot_count - 1);
	return at;
}

static bool resize(struct type_table *table, size_t slot_count)
{
	uint32_t *slots = malloc(slot_count * sizeof(*slots));

	if (!slots)
		return false;
	memset(slots, 0xff, slot_count * sizeof(*slots));
	free(table->slots);
	table->slots = slots;
	table->slot_count = slot_count;
	for (uint32_t i = 0; i < table->types.count; i++)
		slots[slot_of(table, table->types.items[i]->address)] = i;
	return true;
}

struct type_table *type_table_create(const struct python *python, struct plan_cache *plans)
{
	struct type_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->python = python;
	table->plans = plans;
	table->type_size = python_struct_size(python, "_typeobject");
	if (!resize(table, 4096)) {
		free(table);
		return NULL;
	}
	module_symbol(python->target, python->module, "subtype_dealloc",
		      &table->subtype_dealloc);
	return table;
}

void type_table_free(struct type_table *table)
{
	if (!table)
		return;
	vector_each (&table->types, type) {
		free((*type)->slots);
		free((*type)->members);
		free((*type)->attributes);
	}
	vector_release(&table->types);
	free(table->slots);
	free(table);
}

const struct python *type_table_python(const struct type_table *table)
{
	return table->python;
}

struct plan_cache *type_table_plans(const struct type_table *table)
{
	return table->plans;
}

size_t type_table_count(const struct type_table *table)
{
	return table->types.count;
}

struct type_info *type_table_get(const struct type_table *table, uint32_t index)
{
	return table->types.items[index];
}

uint32_t type_table_known(const struct type_table *table, addr_t address)
{
	return table->slots[slot_of(table, address)];
}

static bool is_printable(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (!isprint((unsigned char)*name))
			return false;
	return true;
}

/* "collections.deque" as it is; "list" becomes "builtins.list". */
static const char *static_type_name(const struct python *python, const char *tp_name)
{
	return strchr(tp_name, '.') ? arena_string(python->arena, tp_name)
				    : arena_format(python->arena, "builtins.%s", tp_name);
}

addr_t type_dict(const struct python *python, addr_t type)
{
	const struct fields *fields = &python->fields;
	uint64_t flags = 0, index = 0;
	addr_t dict = 0;

	image_read_u64(python->image, type + field_offset(fields, TYPE_DICT), &dict);
	image_read_u64(python->image, type + field_offset(fields, TYPE_FLAGS), &flags);
	if (dict || !(flags & FLAG_STATIC_BUILTIN) || !has_field(fields, INTERPRETER_BUILTINS))
		return dict;
	/* tp_subclasses is the number of its state, from 1. */
	image_read_u64(python->image, type + field_offset(fields, TYPE_SUBCLASSES), &index);
	if (index - 1 >= fields->at[INTERPRETER_BUILTINS].size / fields->at[BUILTIN_STATE].size)
		return 0;
	image_read_u64(python->image,
		       python->interpreter + field_offset(fields, INTERPRETER_BUILTINS) +
			       (index - 1) * fields->at[BUILTIN_STATE].size +
			       field_offset(fields, BUILTIN_DICT),
		       &dict);
	return dict;
}

/* What type.__module__ and type.__qualname__ say. */
static const char *heap_type_name(const struct python *python, const uint8_t *bytes,
				  addr_t address, const char *tp_name)
{
	char module[LONGEST_NAME] = "", name[LONGEST_NAME] = "";
	addr_t dict = field_get(&python->fields, bytes, TYPE_DICT);
	addr_t value, qualname;

	if (!image_read_u64(python->image,
			    address + field_offset(&python->fields, HEAPTYPE_QUALNAME),
			    &qualname) ||
	    !python_string(python, qualname, name, sizeof(name)))
		return static_type_name(python, tp_name);
	/* Cython's types of functions say it by a getter; only tp_name has it besides. */
	if (!dict_find(python, dict, "__module__", &value) ||
	    !python_string(python, value, module, sizeof(module)))
		return static_type_name(python, tp_name);
	return arena_format(python->arena, "%s.%s", module, name);
}

/* Headers before an object: the collector's, and since 3.11 those of managed dicts. */
static uint32_t prefix_of(const struct python *python, uint64_t flags)
{
	uint32_t prefix = flags & FLAG_HAVE_GC ? 16 : 0;

	if (has_field(&python->fields, VALUES_VALUES) &&
	    flags & (FLAG_MANAGED_DICT | FLAG_MANAGED_WEAKREF))
		prefix += 16;
	return prefix;
}

/* Templates of heap types, as mypyc has in its modules' data, have the flag and not the struct. */
bool type_object_is_heap(const struct python *python, addr_t address, const uint8_t *bytes)
{
	return field_get(&python->fields, bytes, TYPE_FLAGS) & FLAG_HEAPTYPE &&
	       !target_module_at(python->target, address);
}

static void read_type(struct type_table *table, struct type_info *type, const uint8_t *bytes)
{
	const struct fields *fields = &table->python->fields;

	type->base_address = field_get(fields, bytes, TYPE_BASE);
	type->metatype = field_get(fields, bytes, OBJECT_TYPE);
	type->flags = field_get(fields, bytes, TYPE_FLAGS);
	if (!type_object_is_heap(table->python, type->address, bytes))
		type->flags &= ~(uint64_t)FLAG_HEAPTYPE;
	type->basicsize = field_get(fields, bytes, TYPE_BASICSIZE);
	type->itemsize = field_get(fields, bytes, TYPE_ITEMSIZE);
	type->dictoffset = field_get_signed(fields, bytes, TYPE_DICTOFFSET);
	type->weaklistoffset = field_get_signed(fields, bytes, TYPE_WEAKLISTOFFSET);
	type->dealloc = field_get(fields, bytes, TYPE_DEALLOC);
	type->traverse = field_get(fields, bytes, TYPE_TRAVERSE);
	type->is_gc = field_get(fields, bytes, TYPE_IS_GC);
	type->is_type = type->flags & FLAG_TYPE;
	type->finalizes =
		(has_field(fields, TYPE_FINALIZE) && field_get(fields, bytes, TYPE_FINALIZE)) ||
		(has_field(fields, TYPE_DEL) && field_get(fields, bytes, TYPE_DEL));
	type->is_python =
		type->flags & FLAG_HEAPTYPE && type->dealloc == table->subtype_dealloc;
	type->prefix = prefix_of(table->python, type->flags);
	type->base = TYPE_NONE;
}

/* Everything a type object must have: what is not one fails at the first of these. */
static bool looks_like_type(const struct type_table *table, addr_t address,
			    const uint8_t *bytes, char *ret_name)
{
	const struct fields *fields = &table->python->fields;
	bool ready = field_get(fields, bytes, TYPE_FLAGS) & FLAG_READY;

	/* Up to 3.9 a static type may have instances without ever having been made ready. */
	if (!ready && !target_module_at(table->python->target, address))
		return false;
	return field_get(fields, bytes, TYPE_BASICSIZE) >= 16 &&
	       field_get(fields, bytes, TYPE_BASICSIZE) < LARGEST_OBJECT &&
	       field_get(fields, bytes, TYPE_ITEMSIZE) < LARGEST_ITEM &&
	       image_read_string(table->python->image, field_get(fields, bytes, TYPE_NAME),
				 ret_name, LONGEST_NAME) &&
	       is_printable(ret_name);
}

static uint32_t add_type(struct type_table *table, addr_t address)
{
	char tp_name[LONGEST_NAME];
	size_t hint = 0;
	const uint8_t *bytes = address & 7 ? NULL
					   : image_view(table->python->image, address,
							table->type_size, &hint);
	struct type_info *type;

	if (!bytes || !looks_like_type(table, address, bytes, tp_name))
		return TYPE_NONE;
	type = arena_alloc(table->python->arena, sizeof(*type));
	if (!type || (table->types.count * 2 >= table->slot_count &&
		      !resize(table, table->slot_count * 2)))
		return TYPE_NONE;
	type->address = address;
	read_type(table, type, bytes);
	type->name = type_is_heap(type) ? heap_type_name(table->python, bytes, address, tp_name)
					: static_type_name(table->python, tp_name);
	if (!type->name || !vector_push(&table->types, type))
		return TYPE_NONE;
	table->types.count--; /* slot_of must not see it before it has its slot */
	table->slots[slot_of(table, address)] = (uint32_t)table->types.count;
	table->types.count++;
	if (type->base_address)
		type->base = type_table_find(table, type->base_address);
	return type_table_known(table, address);
}

/* A type's own type is a metatype: type itself, or known as one. */
static bool has_metatype(struct type_table *table, addr_t address)
{
	addr_t metatype;
	uint32_t index;

	if (!image_read_u64(table->python->image,
			    address + field_offset(&table->python->fields, OBJECT_TYPE),
			    &metatype))
		return false;
	if (metatype == address) /* type */
		return true;
	index = type_table_known(table, metatype);
	return index != TYPE_NONE && table->types.items[index]->is_type;
}

uint32_t type_table_find(struct type_table *table, addr_t address)
{
	uint32_t index;

	if (address == table->last && address)
		return table->last_index;
	index = type_table_known(table, address);
	if (index == TYPE_NONE && has_metatype(table, address))
		index = add_type(table, address);
	if (index != TYPE_NONE) {
		table->last = address;
		table->last_index = index;
	}
	return index;
}

/* One pass over a segment for objects of the types known as metatypes so far. */
static void scan_segment(struct type_table *table, const struct image_segment *segment)
{
	uint32_t type_offset = field_offset(&table->python->fields, OBJECT_TYPE);

	for (uint64_t at = type_offset; at + 8 <= segment->size; at += 8) {
		addr_t metatype = word_at(segment->bytes + at);
		uint32_t index = metatype ? type_table_known(table, metatype) : TYPE_NONE;

		if (index != TYPE_NONE && table->types.items[index]->is_type)
			type_table_find(table, segment->start + at - type_offset);
	}
}

void type_table_scan_modules(struct type_table *table)
{
	const struct image *image = table->python->image;
	addr_t type;
	size_t before;

	if (module_symbol(table->python->target, table->python->module, "PyType_Type", &type))
		type_table_find(table, type);
	do { /* a metatype found late may have instances in an earlier segment */
		before = table->types.count;
		for (size_t i = 0; i < image_segment_count(image); i++)
			if (image_segment(image, i)->writable &&
			    target_module_at(table->python->target,
					     image_segment(image, i)->start))
				scan_segment(table, image_segment(image, i));
	} while (table->types.count > before);
}

void type_table_scan_objects(struct type_table *table, const struct address_set *objects)
{
	addr_t *addresses = malloc((address_set_count(objects) + 1) * sizeof(*addresses));
	uint32_t type_offset = field_offset(&table->python->fields, OBJECT_TYPE);
	size_t before, hint = 0;

	if (!addresses)
		return;
	address_set_list(objects, addresses);
	do {
		before = table->types.count;
		for (size_t i = 0; i < address_set_count(objects); i++) {
			const uint8_t *word = image_view(table->python->image,
							 addresses[i] + type_offset, 8, &hint);
			uint32_t index =
				word ? type_table_known(table, word_at(word)) : TYPE_NONE;

			if (index != TYPE_NONE && table->types.items[index]->is_type)
				type_table_find(table, addresses[i]);
		}
	} while (table->types.count > before);
	free(addresses);
}
