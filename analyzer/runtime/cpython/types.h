/*
 * The type objects of a process.  A type is read when it is added; how its instances are
 * laid out is resolved when the first of them is met.
 */
#ifndef RUNTIME_CPYTHON_TYPES_H
#define RUNTIME_CPYTHON_TYPES_H

#include "base/address_set.h"
#include "runtime/cpython/plan.h"
#include "runtime/cpython/python.h"
#include "runtime/runtime.h"

#define TYPE_NONE UINT32_MAX

struct reader;

/*
 * A name and where its reference stands: a slot of a Python class, a member of a C type, an
 * attribute in values.
 */
struct named_slot {
	uint32_t offset;  /* bytes from the object; of an attribute: its index */
	const char *name; /* with its dot: ".user" */
	uint32_t label;
};

struct type_info {
	addr_t address;
	addr_t base_address;
	addr_t metatype;
	uint32_t base;                /* index, or TYPE_NONE */
	const char *name;             /* module.qualname */
	uint64_t flags;               /* tp_flags */
	uint64_t basicsize, itemsize; /* bytes */
	int64_t dictoffset, weaklistoffset;
	addr_t dealloc, traverse, is_gc;
	uint32_t prefix; /* bytes of headers before an instance */
	bool is_python;  /* made by a class statement: subtype_dealloc */
	bool is_type;    /* a metatype */
	bool finalizes;  /* code runs when an instance dies: __del__, tp_finalize, tp_del */

	/* Resolved with the first instance. */
	bool resolved;
	const struct reader *reader; /* for memory that no struct describes; or NULL */
	const struct plan *plan;     /* of the instances' C struct; NULL if unknown */
	enum type_layout layout;
	const char *struct_name;
	bool is_variable;    /* instances have an ob_size */
	bool type_visited;   /* the collector is shown the instances' type */
	bool is_settled;     /* an instance told so */
	bool struct_visited; /* the collector is shown references of the C struct */
	uint64_t guess_from,
		guess_to;         /* offsets of fields that nothing describes; equal: none */
	struct named_slot *slots; /* __slots__, of all Python classes up the bases */
	size_t slot_count;
	struct named_slot *members; /* of fields that nothing describes: tp_members' names */
	size_t member_count;
	struct named_slot *attributes; /* of inline values, in order */
	size_t attribute_count;
	addr_t cached_keys;  /* ht_cached_keys; 0 if none */
	uint32_t real_items; /* of a struct sequence, hidden ones included; else 0 */

	/* Instances whose tp_traverse was run, to its end and not: see visited.h. */
	uint64_t followed, failed;
};

/* Is the type object of these bytes an allocated one, of the struct _heaptypeobject? */
bool type_object_is_heap(const struct python *python, addr_t address, const uint8_t *bytes);

static inline bool type_is_heap(const struct type_info *type)
{
	return type->flags & FLAG_HEAPTYPE;
}

static inline bool type_is_container(const struct type_info *type)
{
	return type->flags & FLAG_HAVE_GC;
}

struct type_table;

struct type_table *type_table_create(const struct python *python, struct plan_cache *plans);
void type_table_free(struct type_table *table);

/* Static types: every word of a module's writable data that points at a metatype is tried. */
void type_table_scan_modules(struct type_table *table);
/* Heap types are containers: those of the collector's objects whose type is a metatype. */
void type_table_scan_objects(struct type_table *table, const struct address_set *objects);

/* The index of a type known or, if it looks like one, added now; else TYPE_NONE. */
uint32_t type_table_find(struct type_table *table, addr_t address);
/* Only known ones. */
uint32_t type_table_known(const struct type_table *table, addr_t address);

/* category.c */
enum object_category type_category(const struct type_table *table,
				   const struct type_info *type);

size_t type_table_count(const struct type_table *table);
/* Stable: lives as long as the table. */
struct type_info *type_table_get(const struct type_table *table, uint32_t index);

/* A type object's dict: its own tp_dict or, for builtin types since 3.12, the interpreter's. */
addr_t type_dict(const struct python *python, addr_t type);

/* Finds reader, plan, slots and attributes.  Reads no instance. */
void type_resolve(struct type_table *table, struct type_info *type);

/* The C struct of a type's instances; see infer.c.  The type's base is resolved by then. */
struct inferred {
	const struct debug_info *debug; /* NULL: not found */
	uint32_t type;
};
struct inferred infer_struct(const struct type_table *table, const struct type_info *type);

const struct python *type_table_python(const struct type_table *table);
struct plan_cache *type_table_plans(const struct type_table *table);

#endif
