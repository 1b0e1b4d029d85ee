/*
 * Code that is not the interpreter's and works on its objects: extension modules, and whatever
 * embeds the interpreter.
 */
#ifndef RUNTIME_CPYTHON_EXTENSIONS_H
#define RUNTIME_CPYTHON_EXTENSIONS_H

#include "runtime/cpython/types.h"

/* Calls the C API, and comes from elsewhere than the interpreter and the standard library. */
bool module_is_extension(const struct python *python, const struct module *module);

/*
 * An address in the module that made the type, or the nearest of its bases that has one: one of
 * its functions, or its static data.  0: all is the interpreter's.
 */
addr_t type_code(const struct type_table *table, const struct type_info *type);

#endif
