/*
 * Which C struct the instances of a type have.  The functions of the type's slots, methods and
 * getters take an instance as their first parameter, so their debug info names the struct;
 * where it says only PyObject, a local variable it is cast to does.  Every function votes, and
 * only structs that begin with PyObject and have the size of tp_basicsize can win.
 *
 * Functions that many types share (subtype_*, object_*, PyObject_*) say nothing of one of them.
 */
#include "runtime/cpython/types.h"

#include "base/vector.h"

#define MOST_METHODS  400
#define MOST_GETTERS  200
#define METHOD_SIZE   32   /* PyMethodDef: name, function, int flags, doc */
#define GETTER_SIZE   40   /* PyGetSetDef: name, getter, setter, doc, closure */
#define METHOD_CLASS  0x10 /* METH_CLASS: gets the type */
#define METHOD_STATIC 0x20 /* METH_STATIC: gets nothing */

struct vote {
	const struct debug_info *debug;
	uint32_t type;
	unsigned weight;
};

struct election {
	const struct type_table *table;
	const struct type_info *type;
	VECTOR_OF(struct vote) votes;
};

static const char *const generic_functions[] = {
	"subtype_", "slot_", "object_",    "PyObject_",    "_PyObject_",
	"PyType_",  "wrap_", "structseq_", "PyVectorcall", "_PyType_",
};

static bool is_generic(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(generic_functions); i++)
		if (!strncmp(name, generic_functions[i], strlen(generic_functions[i])))
			return true;
	return false;
}

/* Does the struct have room for exactly what tp_basicsize says? */
static bool size_fits(const struct debug_info *debug, uint32_t id, const struct type_info *type)
{
	const struct debug_type *candidate = debug_type(debug, id);
	const struct debug_member *last;
	const struct debug_type *last_type;

	if (candidate->size == type->basicsize)
		return true;
	if (!candidate->member_count ||
	    !(type->itemsize || type->flags & (FLAG_LONG | FLAG_BYTES)))
		return false;
	last = debug_member(debug, candidate->first_member + candidate->member_count - 1);
	last_type = last->type == DEBUG_NONE ? NULL : debug_type(debug, last->type);
	if (last_type && last_type->kind == DEBUG_STRUCT && last_type->member_count) {
		const struct debug_member *inner = debug_member(
			debug, last_type->first_member + last_type->member_count - 1);

		return last->offset + inner->offset == type->basicsize;
	}
	if (!last_type || last_type->kind != DEBUG_ARRAY)
		return false;
	return last->offset == type->basicsize || last->offset + 1 == type->basicsize;
}

static bool is_candidate(struct election *election, const struct debug_info *debug, uint32_t id)
{
	const char *name = debug_type(debug, id)->name;

	return plan_is_object(type_table_plans(election->table), debug, id) &&
	       strcmp(name, "_object") && strcmp(name, "PyVarObject") &&
	       size_fits(debug, id, election->type);
}

static void add_vote(struct election *election, const struct debug_info *debug, uint32_t id,
		     unsigned weight)
{
	vector_each (&election->votes, vote)
		if (vote->debug == debug && vote->type == id) {
			vote->weight += weight;
			return;
		}
	vector_push(&election->votes, ((struct vote){debug, id, weight}));
}

static unsigned weight_of(const struct debug_operand *operand, bool takes_instance)
{
	static const char *const self_names[] = {"self", "op", "so", "mp", "o",
						 "it",   "lz", "po", "v",  "a"};

	switch (operand->role) {
	case DEBUG_PARAMETER_0:
		return takes_instance ? 100 : 4;
	case DEBUG_PARAMETER:
		return 4;
	case DEBUG_LOCAL:
		for (size_t i = 0; i < ARRAY_COUNT(self_names); i++)
			if (!strcmp(operand->name, self_names[i]))
				return 30;
		return 10;
	case DEBUG_INLINED:
		return 3;
	}
	return 0;
}

/* One function of the type votes.  `weight` is its kind's; tp_new takes no instance. */
static void ask_function(struct election *election, addr_t function, unsigned weight,
			 bool takes_instance)
{
	const struct python *python = type_table_python(election->table);
	struct debug_info *debug;
	const struct debug_function *found =
		target_function_at(python->target, function, &debug);

	if (!found || is_generic(found->name))
		return;
	for (uint32_t i = 0; i < found->operand_count; i++) {
		const struct debug_operand *operand =
			debug_operand(debug, found->first_operand + i);
		const struct debug_type *pointer = debug_type(debug, operand->type);

		if (pointer->kind == DEBUG_POINTER && pointer->target != DEBUG_NONE &&
		    is_candidate(election, debug, pointer->target))
			add_vote(election, debug, pointer->target,
				 weight * weight_of(operand, takes_instance));
	}
}

static bool is_inherited(const struct election *election, uint32_t offset, addr_t function)
{
	const struct python *python = type_table_python(election->table);
	addr_t inherited;

	return election->type->base != TYPE_NONE &&
	       image_read_u64(python->image, election->type->base_address + offset,
			      &inherited) &&
	       inherited == function;
}

static const struct {
	const char *member;
	unsigned weight;
} slot_functions[] = {
	{"tp_dealloc", 3},    {"tp_traverse", 3}, {"tp_clear", 3},     {"tp_repr", 2},
	{"tp_hash", 2},       {"tp_call", 2},     {"tp_str", 2},       {"tp_getattro", 2},
	{"tp_setattro", 1},   {"tp_getattr", 1},  {"tp_setattr", 1},   {"tp_richcompare", 2},
	{"tp_iter", 2},       {"tp_iternext", 2}, {"tp_descr_get", 2}, {"tp_descr_set", 1},
	{"tp_init", 2},       {"tp_finalize", 2}, {"tp_del", 1},       {"tp_new", 2},
	{"tp_vectorcall", 1},
};

static void ask_slots(struct election *election)
{
	const struct python *python = type_table_python(election->table);
	uint32_t type = python_struct(python, "_typeobject");

	for (size_t i = 0; i < ARRAY_COUNT(slot_functions); i++) {
		const char *member = slot_functions[i].member;
		struct debug_field field;
		addr_t function;

		if (debug_field(python->debug, type, member, &field) &&
		    image_read_u64(python->image, election->type->address + field.offset,
				   &function) &&
		    function && !is_inherited(election, (uint32_t)field.offset, function))
			ask_function(election, function, slot_functions[i].weight,
				     strcmp(member, "tp_new") != 0);
	}
}

/* The functions of tp_as_number and its like: all members are function pointers. */
static void ask_suite(struct election *election, enum field suite, const char *struct_name)
{
	const struct python *python = type_table_python(election->table);
	uint32_t offset = field_offset(&python->fields, suite);
	uint64_t size = python_struct_size(python, struct_name);
	addr_t table, function;

	if (!image_read_u64(python->image, election->type->address + offset, &table) ||
	    !table || is_inherited(election, offset, table))
		return;
	for (uint64_t at = 0; at + 8 <= size; at += 8)
		if (image_read_u64(python->image, table + at, &function) && function)
			ask_function(election, function, 1, true);
}

static void ask_methods(struct election *election)
{
	const struct python *python = type_table_python(election->table);
	addr_t method, name, function;
	uint32_t flags;

	if (!image_read_u64(python->image,
			    election->type->address +
				    field_offset(&python->fields, TYPE_METHODS),
			    &method) ||
	    !method)
		return;
	for (int i = 0; i < MOST_METHODS; i++, method += METHOD_SIZE) {
		if (!image_read_u64(python->image, method, &name) || !name ||
		    !image_read_u64(python->image, method + 8, &function) ||
		    !image_read_u32(python->image, method + 16, &flags))
			return;
		if (!(flags & (METHOD_CLASS | METHOD_STATIC)))
			ask_function(election, function, 1, true);
	}
}

static void ask_getters(struct election *election)
{
	const struct python *python = type_table_python(election->table);
	addr_t getter, name, function;

	if (!image_read_u64(python->image,
			    election->type->address +
				    field_offset(&python->fields, TYPE_GETSET),
			    &getter) ||
	    !getter)
		return;
	for (int i = 0; i < MOST_GETTERS; i++, getter += GETTER_SIZE) {
		if (!image_read_u64(python->image, getter, &name) || !name)
			return;
		for (unsigned at = 8; at <= 16; at += 8)
			if (image_read_u64(python->image, getter + at, &function))
				ask_function(election, function, 1, true);
	}
}

/*
 * Structs that no function's types give away, or where the evidence was measured to be wrong:
 * generic code works on these instances through another struct.
 */
static const struct {
	const char *type, *struct_name;
} overrides[] = {
	{"builtins.generator", "PyGenObject|_PyGenObject"},
	{"builtins.coroutine", "PyCoroObject|_PyGenObject"},
	{"builtins.async_generator", "PyAsyncGenObject|_PyGenObject"},
	{"builtins.frame", "_frame"},
	{"builtins.str", "PyUnicodeObject"},
	{"builtins.bool", "_longobject"},
	{"builtins.moduledef", "PyModuleDef"},
	{"builtins.type", "_heaptypeobject"},
};

static struct inferred find_override(const struct type_table *table,
				     const struct type_info *type)
{
	const struct python *python = type_table_python(table);

	for (size_t i = 0; i < ARRAY_COUNT(overrides); i++) {
		char name[64];
		const char *bar = strchr(overrides[i].struct_name, '|');
		uint32_t id;

		if (strcmp(overrides[i].type, type->name))
			continue;
		snprintf(name, sizeof(name), "%.*s",
			 (int)(bar ? bar - overrides[i].struct_name
				   : (long)strlen(overrides[i].struct_name)),
			 overrides[i].struct_name);
		id = python_struct(python, name);
		if (id == DEBUG_NONE && bar)
			id = python_struct(python, bar + 1);
		if (id != DEBUG_NONE)
			return (struct inferred){python->debug, id};
	}
	return (struct inferred){NULL, DEBUG_NONE};
}

/* The only struct of the right size that begins with the base's. */
static struct inferred embeds_base(const struct type_table *table, const struct type_info *type)
{
	const struct debug_info *debug = type_table_python(table)->debug;
	const struct type_info *base =
		type->base == TYPE_NONE ? NULL : type_table_get(table, type->base);
	struct inferred found = {NULL, DEBUG_NONE};

	if (!base || !base->struct_name || !base->struct_name[0] ||
	    base->basicsize == type->basicsize)
		return found;
	for (uint32_t id = 0; id < debug_type_count(debug); id++) {
		const struct debug_type *candidate = debug_type(debug, id);
		const struct debug_member *first;

		if (candidate->kind != DEBUG_STRUCT || candidate->size != type->basicsize ||
		    !candidate->member_count)
			continue;
		first = debug_member(debug, candidate->first_member);
		if (first->offset || first->type == DEBUG_NONE ||
		    strcmp(debug_type(debug, first->type)->name, base->struct_name))
			continue;
		if (found.debug)
			return (struct inferred){NULL, DEBUG_NONE};
		found = (struct inferred){debug, id};
	}
	return found;
}

struct inferred infer_struct(const struct type_table *table, const struct type_info *type)
{
	struct election election = {.table = table, .type = type};
	struct inferred best = find_override(table, type);
	unsigned weight = 0;

	if (best.debug)
		return best;
	ask_slots(&election);
	ask_suite(&election, TYPE_AS_NUMBER, "PyNumberMethods");
	ask_suite(&election, TYPE_AS_SEQUENCE, "PySequenceMethods");
	ask_suite(&election, TYPE_AS_MAPPING, "PyMappingMethods");
	ask_suite(&election, TYPE_AS_ASYNC, "PyAsyncMethods");
	ask_suite(&election, TYPE_AS_BUFFER, "PyBufferProcs");
	ask_methods(&election);
	ask_getters(&election);
	vector_each (&election.votes, vote)
		if (vote->weight > weight) {
			weight = vote->weight;
			best = (struct inferred){vote->debug, vote->type};
		}
	vector_release(&election.votes);
	return best.debug ? best : embeds_base(table, type);
}
