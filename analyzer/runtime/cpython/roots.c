/*
 * Why objects are alive: C variables of the interpreter and of extension modules, the state of
 * interpreters, static objects; and, as guesses, the words of C stacks and registers.  Threads
 * and their frames are in threads.c.
 */
#include "base/cleanup.h"
#include "base/search.h"
#include "runtime/cpython/walk.h"

#include <stdlib.h>

#define MOST_INTERPRETERS 1000
#define MOST_ELEMENTS     300000 /* of a global array */
#define CONTROL_BLOCK     4096   /* bytes at most that glibc has for a thread above its stack */
#define RED_ZONE          128    /* bytes below the stack pointer that leaf functions use */

void hold_root(struct walk *walk, enum root_kind kind, uint32_t thread)
{
	walk->holder = (struct holder){
		.is_root = true,
		.root = {.kind = kind, .thread = thread, .frame = OBJECT_NONE},
	};
}

static void walk_variable(struct walk *walk, const struct debug_info *debug, uint32_t id,
			  addr_t address, const char *name);

/*
 * Since 3.11 the exceptions' variables are as they were linked, or copies that hold no count.
 * Before, each had one of its own, though it was linked, too.
 */
static bool is_exception_variable(const struct walk *walk, addr_t address, const char *name)
{
	return !strncmp(name, "PyExc_", 6) &&
	       range_has(walk->python->module->file->span, address);
}

static void walk_exception(struct walk *walk, addr_t address, const char *name)
{
	addr_t target;

	if (!image_read_u64(walk->python->image, address, &target) || !target)
		return;
	walk->holder.root.address = address;
	walk_reference(walk, target, walk_label(walk, name),
		       has_field(&walk->python->fields, IFRAME_LOCALSPLUS) ? REFERENCE_BORROWED
									   : REFERENCE_COUNTED);
}

static void walk_pointer(struct walk *walk, addr_t address, const char *name,
			 const char *pointee)
{
	struct plan_slot slot = {.rule = (uint8_t)plan_rule_for("(global)", name),
				 .name = name,
				 .label = NAME_NONE,
				 .pointee = pointee};
	addr_t target;

	if (is_exception_variable(walk, address, name))
		walk_exception(walk, address, name);
	else if (image_read_u64(walk->python->image, address, &target))
		walk_word(walk, &slot, address, target, "", REFERENCE_COUNTED);
}

static void walk_elements(struct walk *walk, const struct debug_info *debug,
			  const struct debug_type *array, addr_t address, const char *name)
{
	uint64_t size =
		array->target == DEBUG_NONE ? 0 : debug_type(debug, array->target)->size;
	char element[300];

	if (array->count > MOST_ELEMENTS || !size)
		return;
	snprintf(element, sizeof(element), "%s[]", name);
	/* decimal's first condition is the signal of its name, and shares its reference. */
	for (uint32_t i = !strcmp(name, "cond_map"); i < array->count; i++)
		walk_variable(walk, debug, array->target, address + i * size, element);
}

/* Recursion ends: the element of an array is no array, dimensions being multiplied. */
static void walk_variable(struct walk *walk, const struct debug_info *debug, uint32_t id,
			  addr_t address, const char *name)
{
	const struct debug_type *type = id == DEBUG_NONE ? NULL : debug_type(debug, id);
	const struct plan *plan;
	addr_t target;

	if (!type)
		return;
	if (type->kind == DEBUG_POINTER && plan_is_object(walk->plans, debug, type->target))
		walk_pointer(walk, address, name, debug_type(debug, type->target)->name);
	else if (type->kind == DEBUG_POINTER && type->target != DEBUG_NONE &&
		 plan_rule_for("(global)", name) == PLAN_FOLLOW &&
		 image_read_u64(walk->python->image, address, &target))
		walk_list(walk, debug, type->target, target, name, REFERENCE_COUNTED);
	else if (type->kind == DEBUG_STRUCT && plan_is_object(walk->plans, debug, id))
		walk_discover(walk, address);
	else if (type->kind == DEBUG_STRUCT && (plan = plan_for(walk->plans, debug, id)))
		walk_plan(walk, plan, address, name, REFERENCE_COUNTED);
	else if (type->kind == DEBUG_ARRAY)
		walk_elements(walk, debug, type, address, name);
}

static void walk_module(struct walk *walk, struct module *module,
			const struct debug_info *debug)
{
	addr_t last = 0;

	for (size_t i = 0; i < debug_variable_count(debug); i++) {
		const struct debug_variable *variable = debug_variable(debug, i);

		enum plan_rule rule = plan_rule_for("(global)", variable->name);

		if (!variable->address || variable->is_thread_local ||
		    variable->address == last || (rule != PLAN_DEFAULT && rule != PLAN_FOLLOW))
			continue;
		last = variable->address;
		hold_root(walk,
			  strcmp(variable->name, "_PyRuntime") ? ROOT_GLOBAL : ROOT_INTERPRETER,
			  OBJECT_NONE);
		walk_variable(walk, debug, variable->type, variable->address + module->bias,
			      variable->name);
	}
}

/* Only what defines a PyInit_ function has variables that hold objects, and the interpreter. */
static bool is_extension(const struct module *module)
{
	size_t count = binary_symbol_count(module->binary);
	struct binary_symbol symbol;

	for (size_t i = 0; i < count; i++) {
		binary_symbol_get(module->binary, i, &symbol);
		if (!symbol.is_undefined && !strncmp(symbol.name, "PyInit_", 7))
			return true;
	}
	return false;
}

void roots_globals(struct walk *walk)
{
	struct target *target = walk->python->target;

	for (size_t i = 0; i < target_module_count(target); i++) {
		struct module *module = target_module(target, i);
		struct debug_info *debug;

		if (module != walk->python->module && !is_extension(module))
			continue;
		debug = module_debug(target, module);
		if (debug)
			walk_module(walk, module, debug);
		else
			anomaly_record(walk->python->anomalies, STAGE_CPYTHON,
				       module->file->base,
				       "no debug info for %s: its references are guesses",
				       module->file->path);
	}
}

/* Is the variable an array of pointers to tuples: their free lists, one a length? */
static bool is_tuple_lists(const struct debug_info *debug,
			   const struct debug_variable *variable)
{
	const struct debug_type *type =
		variable->type == DEBUG_NONE ? NULL : debug_type(debug, variable->type);

	for (int depth = 0; type && depth < 2; depth++) {
		if (type->kind != (depth ? DEBUG_POINTER : DEBUG_ARRAY) ||
		    type->target == DEBUG_NONE)
			return false;
		type = debug_type(debug, type->target);
	}
	return type && !strcmp(type->name, "PyTupleObject");
}

/*
 * The tuples' free lists: a static of all interpreters up to 3.9, told as the main one's, then
 * each interpreter's own; 0 if there are none.
 */
static addr_t tuple_lists(const struct python *python, addr_t interpreter)
{
	if (has_field(&python->fields, INTERPRETER_TUPLE_FREE))
		return interpreter + field_offset(&python->fields, INTERPRETER_TUPLE_FREE);
	for (size_t i = 0; i < debug_variable_count(python->debug); i++) {
		const struct debug_variable *variable = debug_variable(python->debug, i);

		if (interpreter == python->interpreter &&
		    !strcmp(variable->name, "free_list") &&
		    is_tuple_lists(python->debug, variable))
			return variable->address + python->module->bias;
	}
	return 0;
}

/* Up to 3.10 the list for length 0 is the empty tuple, with a count that keeps it for good. */
static void walk_empty_tuple(struct walk *walk, addr_t interpreter)
{
	const struct python *python = walk->python;
	addr_t lists = tuple_lists(python, interpreter), tuple;
	uint64_t length;

	if (!lists || !image_read_u64(python->image, lists, &tuple) || !tuple ||
	    !image_read_u64(python->image, tuple + field_offset(&python->fields, VAR_SIZE),
			    &length) ||
	    length)
		return;
	walk->holder.root.address = lists;
	walk_reference(walk, tuple, walk_label(walk, "free_list[0]"), REFERENCE_COUNTED);
}

/* 3.10 and 3.11: the strings of _Py_Identifier, in an array of the interpreter's. */
static void walk_identifiers(struct walk *walk, addr_t interpreter)
{
	const struct python *python = walk->python;
	const struct fields *fields = &python->fields;
	uint32_t label = walk_label(walk, "interpreter.unicode.ids");
	addr_t array = 0;
	uint64_t size = 0;
	const uint8_t *words;

	if (!has_field(fields, INTERPRETER_IDS) || !has_field(fields, INTERPRETER_IDS_SIZE))
		return;
	image_read_u64(python->image, interpreter + field_offset(fields, INTERPRETER_IDS),
		       &array);
	image_read_u64(python->image, interpreter + field_offset(fields, INTERPRETER_IDS_SIZE),
		       &size);
	words = size < MOST_ELEMENTS ? image_view(python->image, array, size * 8, &walk->hint)
				     : NULL;
	if (!words)
		return;
	walk_references(walk, words, size, label, REFERENCE_COUNTED);
	walk_claim(walk, 0, array, size * 8, "identifiers", false);
}

/* The struct that a `struct **` field points at pointers to; DEBUG_NONE if it is none. */
static uint32_t pointed_struct(const struct python *python, enum field field)
{
	const struct debug_type *type =
		debug_type(python->debug, python->fields.at[field].type);

	for (int depth = 0; depth < 2; depth++) {
		if (type->kind != DEBUG_POINTER || type->target == DEBUG_NONE)
			return DEBUG_NONE;
		if (depth == 1)
			return type->target;
		type = debug_type(python->debug, type->target);
	}
	return DEBUG_NONE;
}

/* What atexit.register was given: an array of pointers to structs of their own. */
void walk_callbacks(struct walk *walk, addr_t state, enum field array_field,
		    enum field count_field, enum reference_kind kind)
{
	const struct python *python = walk->python;
	const struct fields *fields = &python->fields;
	uint32_t id = has_field(fields, array_field) ? pointed_struct(python, array_field)
						     : DEBUG_NONE;
	const struct plan *plan =
		id == DEBUG_NONE ? NULL : plan_for(walk->plans, python->debug, id);
	addr_t array = 0, callback;
	uint32_t count = 0;

	if (!plan)
		return;
	image_read_u64(python->image, state + field_offset(fields, array_field), &array);
	image_read_u32(python->image, state + field_offset(fields, count_field), &count);
	for (uint32_t i = 0; i < count && i < MOST_ELEMENTS; i++) {
		if (!image_read_u64(python->image, array + (addr_t)i * 8, &callback) ||
		    !callback)
			continue;
		walk_plan(walk, plan, callback, "atexit", kind);
		walk_claim(walk, 0, callback, plan->size, "atexit", false);
	}
}

void roots_interpreters(struct walk *walk)
{
	const struct python *python = walk->python;
	const struct plan *plan =
		plan_for(walk->plans, python->debug, python_struct(python, "_is"));
	addr_t interpreter = python->interpreter;
	struct stack_counts counts = {.threads = (uint32_t)image_thread_count(python->image)};

	for (int i = 0; interpreter && plan && i < MOST_INTERPRETERS; i++) {
		hold_root(walk, ROOT_INTERPRETER, OBJECT_NONE);
		walk_plan(walk, plan, interpreter, "interpreter", REFERENCE_COUNTED);
		walk_identifiers(walk, interpreter);
		walk_empty_tuple(walk, interpreter);
		walk_callbacks(walk, interpreter, INTERPRETER_ATEXIT, INTERPRETER_ATEXIT_COUNT,
			       REFERENCE_COUNTED);
		roots_threads(walk, interpreter, &counts);
		interpreter = python_next_interpreter(python, interpreter);
	}
}

static void guess_word(struct walk *walk, addr_t target, addr_t address, uint32_t label)
{
	/* Only what is known already: a guess finds no new objects. */
	if (!address_set_has(walk->objects, target))
		return;
	walk->holder.root.label = label;
	walk->holder.root.address = address;
	walk->holder.root.counted = 0;
	walk->visitor->root(walk->visitor->context, target, &walk->holder.root);
}

/*
 * Where a thread's stack ends: with its control block, to which fs points, if that lies above
 * it.  Since glibc 2.42 the stacks of several threads may be one mapping.
 */
static addr_t stack_end(const struct image_thread *thread, const struct image_segment *segment)
{
	addr_t end = segment->start + segment->size;
	addr_t block = thread->registers[REGISTER_FS_BASE];

	return block >= thread->registers[REGISTER_RSP] && block < end &&
			       end - block > CONTROL_BLOCK
		       ? (block + CONTROL_BLOCK) & ~(addr_t)7
		       : end;
}

static void walk_stack(struct walk *walk, const struct image_thread *thread)
{
	addr_t at = (thread->registers[REGISTER_RSP] - RED_ZONE) & ~(addr_t)7;
	addr_t end;

	for (size_t i = 0; i < image_segment_count(walk->python->image); i++) {
		const struct image_segment *segment = image_segment(walk->python->image, i);

		if (at < segment->start || at >= segment->start + segment->size)
			continue;
		end = stack_end(thread, segment);
		for (; at + 8 <= end; at += 8)
			guess_word(walk, word_at(segment->bytes + (at - segment->start)), at,
				   walk->labels.stack);
		return;
	}
}

void roots_stacks(struct walk *walk)
{
	for (size_t i = 0; i < image_thread_count(walk->python->image); i++) {
		const struct image_thread *thread = image_thread(walk->python->image, i);

		hold_root(walk, ROOT_REGISTER, (uint32_t)i);
		for (int k = 0; k < REGISTER_COUNT; k++)
			guess_word(walk, thread->registers[k], 0, walk_label(walk, "register"));
		hold_root(walk, ROOT_STACK, (uint32_t)i);
		walk_stack(walk, thread);
	}
}

/* The count a static object was linked with; one in bss was given 1 when it was made. */
static int64_t linked_count(const struct walk *walk, addr_t object)
{
	struct module *module = target_module_at(walk->python->target, object);
	const struct layout_field *field = &walk->python->fields.at[OBJECT_REFCNT];
	uint64_t word;

	if (!module ||
	    !module_initial_word(walk->python->target, module, object + field->offset, &word))
		return 1;
	if (field->size < 8)
		word &= (1ull << 8 * field->size) - 1;
	return word ? (int64_t)word : 1;
}

/*
 * A static object's count began as linked; the pointers that the module was linked with are
 * in it already, so each of those references found is taken off again.
 */
void roots_statics(struct walk *walk)
{
	size_t next = 0;

	if (walk->statics.count)
		qsort(walk->statics.items, walk->statics.count, sizeof(addr_t), addr_compare);
	if (walk->initial_targets.count)
		qsort(walk->initial_targets.items, walk->initial_targets.count, sizeof(addr_t),
		      addr_compare);
	vector_each (&walk->statics, object) {
		struct graph_root root = {.kind = ROOT_STATIC,
					  .thread = OBJECT_NONE,
					  .frame = OBJECT_NONE,
					  .address = *object,
					  .label = walk_label(walk, "static"),
					  .counted = linked_count(walk, *object)};

		while (next < walk->initial_targets.count &&
		       walk->initial_targets.items[next] < *object)
			next++;
		for (; next < walk->initial_targets.count &&
		       walk->initial_targets.items[next] == *object;
		     next++)
			root.counted--;
		walk->visitor->root(walk->visitor->context, *object, &root);
	}
}
