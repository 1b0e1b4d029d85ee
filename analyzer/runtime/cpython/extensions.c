#include "runtime/cpython/extensions.h"

/* Where an installation has the standard library's own. */
#define STANDARD_FOLDER "/lib-dynload/"
#define MOST_BASES      64 /* of a damaged type may lead round */

/* What the `python3` program calls of a shared interpreter, and nothing else. */
static bool is_entry(const char *name)
{
	return !strcmp(name, "Py_BytesMain") || !strcmp(name, "Py_Main");
}

static bool is_of_the_api(const char *name)
{
	return (!strncmp(name, "Py", 2) || !strncmp(name, "_Py", 3)) && !is_entry(name);
}

bool module_is_extension(const struct python *python, const struct module *module)
{
	if (module == python->module || strstr(module->file->path, STANDARD_FOLDER))
		return false;
	for (size_t i = 0; i < binary_symbol_count(module->binary); i++) {
		struct binary_symbol symbol;

		binary_symbol_get(module->binary, i, &symbol);
		if (symbol.is_undefined && is_of_the_api(symbol.name))
			return true;
	}
	return false;
}

static bool is_elsewhere(const struct python *python, addr_t address)
{
	const struct module *module =
		address ? target_module_at(python->target, address) : NULL;

	return module && module != python->module;
}

/* Without its bases. */
static addr_t own_code(const struct python *python, const struct type_info *type)
{
	static const enum field fields[] = {TYPE_DEALLOC, TYPE_TRAVERSE, TYPE_METHODS,
					    TYPE_GETSET,  TYPE_MEMBERS,  TYPE_NEW};
	addr_t word;

	if (is_elsewhere(python, type->address))
		return type->address;
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		if (image_read_u64(python->image,
				   type->address + field_offset(&python->fields, fields[i]),
				   &word) &&
		    is_elsewhere(python, word))
			return word;
	return 0;
}

addr_t type_code(const struct type_table *table, const struct type_info *type)
{
	addr_t code = own_code(type_table_python(table), type);

	for (int i = 0; !code && type->base != TYPE_NONE && i < MOST_BASES; i++) {
		type = type_table_get(table, type->base);
		code = own_code(type_table_python(table), type);
	}
	return code;
}
