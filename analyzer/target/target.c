/*
 * Modules are the image's files that turned out to be ELF.  Debug info is read when it is
 * first asked for.
 */
#include "target/target.h"

#include "base/arena.h"
#include "base/search.h"
#include "base/vector.h"

#include <stdlib.h>

struct target {
	struct image *image;
	struct target_options options;
	struct arena *arena;
	VECTOR_OF(struct module)
	modules; /* in load order, which is the order of the image's files */
};

static void add_module(struct target *target, const struct image_file *file)
{
	struct module module = {.file = file, .binary = file->binary};
	const struct binary_segment *first;

	if (!file->binary || !binary_segment_count(file->binary))
		return;
	first = binary_segment(file->binary, 0);
	module.bias = file->base + first->file_offset - first->address;
	vector_push(&target->modules, module);
}

struct target *target_attach(struct image *image, const struct target_options *options,
			     struct error *err)
{
	struct target *target = calloc(1, sizeof(*target));

	if (!target) {
		image_close(image);
		error_out_of_memory(err, "attaching to the process");
		return NULL;
	}
	target->image = image;
	target->options = *options;
	target->arena = arena_create();
	for (size_t i = 0; i < image_file_count(image); i++)
		add_module(target, image_file(image, i));
	if (!target->arena || target->modules.failed) {
		error_out_of_memory(err, "attaching to the process");
		target_detach(target);
		return NULL;
	}
	return target;
}

void target_detach(struct target *target)
{
	if (!target)
		return;
	vector_each (&target->modules, module)
		if (module->debug)
			debug_info_close(module->debug);
	vector_release(&target->modules);
	arena_free(target->arena);
	image_close(target->image);
	free(target);
}

const struct image *target_image(const struct target *target)
{
	return target->image;
}

struct anomalies *target_anomalies(const struct target *target)
{
	return target->options.anomalies;
}

size_t target_module_count(const struct target *target)
{
	return target->modules.count;
}

struct module *target_module(const struct target *target, size_t index)
{
	return &target->modules.items[index];
}

struct module *target_module_at(const struct target *target, addr_t address)
{
	vector_each (&target->modules, module)
		if (range_has(module->file->span, address))
			return module;
	return NULL;
}

struct debug_info *module_debug(struct target *target, struct module *module)
{
	struct error err = {0};

	if (module->debug_tried)
		return module->debug;
	module->debug_tried = true;
	module->debug = debug_info_open(module->binary, &target->options.debug, &err);
	if (!module->debug)
		module->debug_message = arena_string(target->arena, err.message);
	return module->debug;
}

struct debug_info *target_debug_at(struct target *target, addr_t address)
{
	struct module *module = target_module_at(target, address);

	return module ? module_debug(target, module) : NULL;
}

const struct debug_function *target_function_at(struct target *target, addr_t address,
						struct debug_info **ret_debug)
{
	struct module *module = target_module_at(target, address);

	*ret_debug = module ? module_debug(target, module) : NULL;
	return *ret_debug ? debug_function_at(*ret_debug, address - module->bias) : NULL;
}

static bool symbol_in(const struct binary *binary, const struct module *module,
		      const char *name, addr_t *ret)
{
	struct binary_symbol symbol;

	if (!binary || !binary_symbol(binary, name, &symbol) || symbol.is_undefined)
		return false;
	*ret = symbol.address + module->bias;
	return true;
}

bool module_symbol(struct target *target, struct module *module, const char *name, addr_t *ret)
{
	const struct debug_variable *variable;
	const struct debug_function *function;
	struct debug_info *debug;

	if (symbol_in(module->binary, module, name, ret))
		return true;
	debug = module_debug(target, module);
	if (!debug)
		return false;
	if (symbol_in(debug_info_binary(debug), module, name, ret))
		return true;
	if (debug_variable_named(debug, name, &variable)) {
		*ret = variable->address + module->bias;
		return true;
	}
	function = debug_function_named(debug, name);
	if (function)
		*ret = function->low + module->bias;
	return function;
}

bool target_symbol(struct target *target, const char *name, addr_t *ret)
{
	vector_each (&target->modules, module)
		if (symbol_in(module->binary, module, name, ret))
			return true;
	return false;
}

const struct binary *module_symbols(const struct module *module)
{
	const struct binary *detached = module->debug ? debug_info_binary(module->debug) : NULL;

	return detached ? detached : module->binary;
}

bool module_symbol_at(const struct module *module, addr_t address, struct binary_symbol *ret)
{
	if (!binary_symbol_at(module_symbols(module), address - module->bias, ret))
		return false;
	ret->address += module->bias;
	return true;
}

const char *module_name(const struct module *module)
{
	const char *slash = strrchr(module->file->path, '/');

	return slash ? slash + 1 : module->file->path;
}

/* The relocation of the slot, or NULL.  They are sorted by slot. */
static const struct binary_relocation *relocation_of(const struct binary *binary, addr_t slot)
{
	size_t total = binary_relocation_count(binary);
	size_t at = count_leading(total, i, binary_relocation(binary, i)->slot < slot);
	const struct binary_relocation *found =
		at < total ? binary_relocation(binary, at) : NULL;

	return found && found->slot == slot ? found : NULL;
}

const char *target_slot_symbol(struct target *target, addr_t slot)
{
	const struct module *module = target_module_at(target, slot);
	const struct binary_relocation *relocation =
		module ? relocation_of(module->binary, slot - module->bias) : NULL;

	return relocation ? relocation->symbol : NULL;
}

/* The only definition among the modules. */
static bool exported_function(const struct target *target, const char *name, addr_t *ret)
{
	bool found = false;

	vector_each (&target->modules, module) {
		struct binary_symbol symbol;

		if (!binary_exported(module->binary, name, &symbol))
			continue;
		if (found || symbol.is_chosen || !symbol.is_function)
			return false;
		*ret = symbol.address + module->bias;
		found = true;
	}
	return found;
}

bool target_resolve_call(struct target *target, addr_t slot, addr_t *function)
{
	const struct module *module = target_module_at(target, slot);
	const struct binary_relocation *relocation;

	if (!module || !range_has(module->file->span, *function))
		return true;
	relocation = relocation_of(module->binary, slot - module->bias);
	if (!relocation || !relocation->is_jump)
		return true;
	return relocation->symbol && exported_function(target, relocation->symbol, function);
}

bool module_initial_word(struct target *target, struct module *module, addr_t address,
			 uint64_t *ret)
{
	addr_t linked = address - module->bias;
	const struct binary_relocation *relocation = relocation_of(module->binary, linked);
	const uint8_t *bytes;

	if (binary_is_detached(module->binary))
		return false;
	if (relocation && relocation->is_jump)
		relocation = NULL; /* no pointer to data */
	if (relocation && !relocation->symbol) {
		*ret = relocation->addend + module->bias;
		return true;
	}
	if (relocation) {
		if (!symbol_in(module->binary, module, relocation->symbol, ret) &&
		    !target_symbol(target, relocation->symbol, ret))
			return false;
		*ret += relocation->addend;
		return true;
	}
	bytes = binary_view(module->binary, linked, sizeof(*ret));
	*ret = 0;
	if (bytes)
		memcpy(ret, bytes, sizeof(*ret));
	return range_has(module->file->span, address);
}
