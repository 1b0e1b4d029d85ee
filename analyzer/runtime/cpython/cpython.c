#include "runtime/cpython/cpython.h"

#include "runtime/cpython/contents.h"
#include "runtime/cpython/extensions.h"
#include "runtime/cpython/label_styles.h"
#include "runtime/cpython/traverse.h"
#include "runtime/cpython/values.h"
#include "runtime/cpython/visited.h"
#include "runtime/cpython/walk.h"

#include <stdlib.h>

#define OLDEST_MINOR 8 /* 3.8 */

struct runtime {
	struct python python;
	struct type_table *types;   /* of the walk; NULL before */
	struct value_table *values; /* the same */
	struct contents_table *contents;
};

/* "3.11.2" from Py_Version (3.11 and later), else "3.9" from the module's name. */
static void read_version(struct python *python)
{
	const char *name = strrchr(python->module->file->path, '/');
	const char *digits = name ? strstr(name, "python3.") : NULL;
	addr_t address;
	uint64_t hex;

	if (target_symbol(python->target, "Py_Version", &address) &&
	    image_read_u64(python->image, address, &hex) && hex >> 24 == 3)
		snprintf(python->version, sizeof(python->version), "%u.%u.%u",
			 (unsigned)(hex >> 24), (unsigned)(hex >> 16 & 0xff),
			 (unsigned)(hex >> 8 & 0xff));
	else if (digits)
		snprintf(python->version, sizeof(python->version), "3.%d", atoi(digits + 8));
}

static bool check_version(const struct python *python, struct error *err)
{
	unsigned major = 0, minor = 0;

	if (sscanf(python->version, "%u.%u", &major, &minor) == 2 && major == 3 &&
	    minor < OLDEST_MINOR)
		return error_set(err, ERROR_FORMAT,
				 "%s: CPython %s is not supported, 3.%d is the oldest that is",
				 python->module->file->path, python->version, OLDEST_MINOR);
	return true;
}

static bool attach(struct python *python, addr_t runtime, struct error *err)
{
	struct layout_source source;

	python->image = target_image(python->target);
	python->anomalies = target_anomalies(python->target);
	python->runtime = runtime;
	python->module = target_module_at(python->target, runtime);
	python->arena = arena_create();
	if (!python->arena)
		return error_out_of_memory(err, "attaching to CPython");
	read_version(python);
	if (!check_version(python, err))
		return false;
	python->debug = module_debug(python->target, python->module);
	if (!python->debug)
		return error_set(err, ERROR_INPUT, "%s", python->module->debug_message);
	source = (struct layout_source){python->debug, python->module->file->path, NULL};
	if (!layout_resolve(&source, cpython_fields, FIELD_COUNT, python->fields.at, err))
		return false;
	if (!image_read_u64(python->image,
			    runtime + field_offset(&python->fields, RUNTIME_MAIN),
			    &python->interpreter) ||
	    !python->interpreter)
		return error_set(err, ERROR_FORMAT,
				 "%s: the interpreter's state is not in the dump, or Python "
				 "had not started",
				 image_process(python->image)->source);
	if (!has_field(&python->fields, INTERPRETER_GC) &&
	    !has_field(&python->fields, RUNTIME_GC))
		return error_set(err, ERROR_FORMAT,
				 "%s: its debug info has no collector where CPython keeps one",
				 python->module->file->path);
	return true;
}

static void cpython_detach(struct runtime *runtime)
{
	contents_table_free(runtime->contents);
	value_table_free(runtime->values);
	type_table_free(runtime->types);
	arena_free(runtime->python.arena);
	free(runtime);
}

static struct runtime *cpython_attach(struct target *target, struct error *err)
{
	struct runtime *runtime;
	addr_t address;

	if (!target_symbol(target, "_PyRuntime", &address))
		return NULL;
	runtime = calloc(1, sizeof(*runtime));
	if (!runtime) {
		error_out_of_memory(err, "attaching to CPython");
		return NULL;
	}
	runtime->python.target = target;
	if (!attach(&runtime->python, address, err)) {
		cpython_detach(runtime);
		return NULL;
	}
	return runtime;
}

static const char *cpython_version(const struct runtime *runtime)
{
	return runtime->python.version;
}

static const char *cpython_layout_source(const struct runtime *runtime)
{
	return debug_info_path(runtime->python.debug);
}

static int compare_spans(const void *left, const void *right)
{
	addr_t a = ((const struct address_range *)left)->start;
	addr_t b = ((const struct address_range *)right)->start;

	return a < b ? -1 : a > b;
}

static void collect_spans(struct walk *walk)
{
	for (size_t i = 0; i < target_module_count(walk->python->target); i++)
		vector_push(&walk->module_spans,
			    target_module(walk->python->target, i)->file->span);
	if (walk->module_spans.count)
		qsort(walk->module_spans.items, walk->module_spans.count,
		      sizeof(*walk->module_spans.items), compare_spans);
}

static void find_singletons(struct walk *walk)
{
	const struct python *python = walk->python;
	addr_t variable;

	if (module_symbol(python->target, python->module, "_dummy_struct", &variable))
		walk->set_dummy = variable;
	module_symbol(python->target, python->module, "PyBaseObject_Type", &walk->object_type);
	if (has_field(&python->fields, INTERPRETER_INTERNED))
		image_read_u64(python->image,
			       python->interpreter +
				       field_offset(&python->fields, INTERPRETER_INTERNED),
			       &walk->interned);
	else if (module_symbol(python->target, python->module, "interned", &variable))
		image_read_u64(python->image, variable, &walk->interned);
}

/* Whether dict_traverse leaves out values that are embedded in an instance: it asks a flag. */
static void find_dict_traverse(struct walk *walk)
{
	const struct python *python = walk->python;
	addr_t type, traverse;

	if (!has_field(&python->fields, VALUES_EMBEDDED) ||
	    !module_symbol(python->target, python->module, "PyDict_Type", &type) ||
	    !image_read_u64(python->image, type + field_offset(&python->fields, TYPE_TRAVERSE),
			    &traverse))
		return;
	walk->dict_visits_values = !traverse_tests_byte(
		python, traverse, (uint8_t)field_offset(&python->fields, VALUES_EMBEDDED));
}

static bool walk_init(struct walk *walk, struct error *err)
{
	for (unsigned i = 0; i < GENERATIONS; i++)
		walk->generations[i] = address_set_create();
	walk->objects = address_set_create();
	walk->claimed = address_set_create();
	walk->owned_keys = address_set_create();
	walk->root_words = address_set_create();
	walk->plans = plan_cache_create(walk->python);
	walk->types = walk->plans ? type_table_create(walk->python, walk->plans) : NULL;
	walk->visited = visited_create(walk->python->target);
	for (unsigned i = 0; i < GENERATIONS; i++)
		if (!walk->generations[i])
			return error_out_of_memory(err, "walking objects");
	if (!walk->objects || !walk->claimed || !walk->owned_keys || !walk->root_words ||
	    !walk->types || !walk->visited)
		return error_out_of_memory(err, "walking objects");
	walk->labels = (struct common_labels){
		.item = walk_label(walk, "[]"),
		.key = walk_label(walk, "key"),
		.value = walk_label(walk, "value"),
		.type = walk_label(walk, "ob_type"),
		.dict = walk_label(walk, "__dict__"),
		.stack = walk_label(walk, "stack"),
		.word = walk_label(walk, "word"),
	};
	collect_spans(walk);
	find_singletons(walk);
	find_dict_traverse(walk);
	return true;
}

static void walk_release(struct walk *walk)
{
	plan_cache_free(walk->plans);
	visited_free(walk->visited);
	for (unsigned i = 0; i < GENERATIONS; i++)
		address_set_free(walk->generations[i]);
	address_set_free(walk->objects);
	address_set_free(walk->claimed);
	address_set_free(walk->owned_keys);
	address_set_free(walk->root_words);
	vector_release(&walk->pending);
	vector_release(&walk->statics);
	vector_release(&walk->initial_targets);
	vector_release(&walk->initial_words);
	vector_release(&walk->module_spans);
	vector_release(&walk->pointed);
}

static void add_tracked(struct walk *walk, const struct address_set *set)
{
	size_t count = address_set_count(set);
	size_t before = walk->pending.count;

	if (!vector_reserve(&walk->pending, count))
		return;
	address_set_list(set, walk->pending.items + before);
	walk->pending.count += count;
	for (size_t i = before; i < walk->pending.count; i++)
		address_set_add(walk->objects, walk->pending.items[i]);
}

/* Tables that a class shares with its instances belong to the class. */
static void own_shared_keys(struct walk *walk)
{
	for (uint32_t i = 0; i < type_table_count(walk->types); i++) {
		const struct type_info *type = type_table_get(walk->types, i);
		addr_t keys;

		if (type_is_heap(type) &&
		    image_read_u64(walk->python->image,
				   type->address + field_offset(&walk->python->fields,
								HEAPTYPE_CACHED_KEYS),
				   &keys) &&
		    keys)
			address_set_add(walk->owned_keys, keys);
	}
}

/* Guesses become knowledge where all instances' tp_traverse could be followed. */
static enum type_layout layout_of(const struct type_info *type)
{
	return type->followed && !type->failed ? LAYOUT_TRAVERSE : type->layout;
}

/* Exactly these: an instance of a class below them may have more. */
static bool is_plain(const struct type_info *type)
{
	static const char *const names[] = {"builtins.str",   "builtins.bytes",
					    "builtins.int",   "builtins.bool",
					    "builtins.float", "builtins.complex"};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (!strcmp(type->name, names[i]))
			return !type->is_python;
	return false;
}

static void report_types(struct walk *walk)
{
	for (uint32_t i = 0; i < type_table_count(walk->types); i++) {
		struct type_info *type = type_table_get(walk->types, i);
		struct type_report report;

		type_resolve(walk->types, type);
		report = (struct type_report){.address = type->address,
					      .name = type->name,
					      .struct_name = type->struct_name,
					      .layout = layout_of(type),
					      .size = type->basicsize,
					      .item_size = type->itemsize,
					      .is_plain = is_plain(type),
					      .code = type_code(walk->types, type),
					      .finalizes = type->finalizes,
					      .weakly_referable =
						      type->weaklistoffset ||
						      type->flags & FLAG_MANAGED_WEAKREF,
					      .category = type_category(walk->types, type)};
		if (type->plan) {
			report.debug = type->plan->debug;
			report.struct_type = type->plan->type;
		}
		walk->visitor->type(walk->visitor->context, &report);
	}
}

static void report_threads(struct walk *walk)
{
	for (size_t i = 0; i < image_thread_count(walk->python->image); i++) {
		const struct image_thread *thread = image_thread(walk->python->image, i);
		struct thread_report report = {
			.id = thread->id,
			.name = thread->name,
			.instruction_pointer = thread->registers[REGISTER_RIP],
			.stack_pointer = thread->registers[REGISTER_RSP],
		};

		walk->visitor->thread(walk->visitor->context, &report);
	}
}

static bool walk_all(struct walk *walk, struct error *err)
{
	if (!walk_init(walk, err) || !collector_read(walk, err))
		return false;
	type_table_scan_modules(walk->types);
	for (unsigned i = 0; i < GENERATIONS; i++)
		type_table_scan_objects(walk->types, walk->generations[i]);
	own_shared_keys(walk);
	for (unsigned i = 0; i < GENERATIONS; i++)
		add_tracked(walk, walk->generations[i]);
	for (uint32_t i = 0; i < type_table_count(walk->types); i++)
		walk_discover(walk, type_table_get(walk->types, i)->address);
	report_threads(walk);
	emit_pending(walk);
	roots_globals(walk);
	roots_interpreters(walk);
	emit_pending(walk);
	/* What nothing refers to and nobody owns is told by its looks. */
	classify_blocks(walk, walk->heap);
	emit_pending(walk);
	roots_c_locals(walk);
	owners_claim(walk);
	roots_stacks(walk);
	roots_statics(walk);
	report_types(walk);
	if (address_set_failed(walk->objects) || walk->pending.failed || walk->statics.failed)
		return error_out_of_memory(err, "walking objects");
	return true;
}

static bool cpython_walk(struct runtime *runtime, const struct heap_blocks *blocks,
			 const struct runtime_visitor *visitor, struct error *err)
{
	struct walk walk = {.python = &runtime->python, .visitor = visitor, .heap = blocks};
	bool done = walk_all(&walk, err);

	runtime->types = walk.types; /* names of types are values, too */
	walk_release(&walk);
	if (!done)
		return false;
	runtime->values = value_table_create(&runtime->python, runtime->types);
	runtime->contents = contents_table_create(&runtime->python, runtime->types);
	return (runtime->values && runtime->contents) ||
	       error_out_of_memory(err, "walking objects");
}

static bool cpython_value(struct runtime *runtime, uint32_t type, addr_t object, char *ret,
			  size_t size)
{
	return runtime->values && value_table_format(runtime->values, type, object, ret, size);
}

static bool cpython_is_extension(const struct runtime *runtime, const struct module *module)
{
	return module_is_extension(&runtime->python, module);
}

static bool cpython_contents(struct runtime *runtime, uint32_t type, addr_t object,
			     struct contents *ret)
{
	return runtime->contents && contents_table_read(runtime->contents, type, object, ret);
}

static enum content_kind cpython_content(struct runtime *runtime, uint32_t type, addr_t object,
					 uint64_t *ret)
{
	return runtime->values ? value_table_content(runtime->values, type, object, ret)
			       : CONTENT_CHANGES;
}

const struct runtime_ops cpython_runtime = {
	.name = "CPython",
	.attach = cpython_attach,
	.version = cpython_version,
	.layout_source = cpython_layout_source,
	.walk = cpython_walk,
	.value = cpython_value,
	.is_extension = cpython_is_extension,
	.contents = cpython_contents,
	.content = cpython_content,
	.label_style = cpython_label_style,
	.detach = cpython_detach,
};
