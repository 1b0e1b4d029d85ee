/*
 * Which reader an object of a type has.
 */
#include "runtime/cpython/readers.h"

static const struct reader readers[] = {
	{"builtins.list", false, read_list, NULL},
	{"builtins.dict", false, read_dict, NULL},
	{"builtins.frozendict", false, read_dict, NULL},
	{"builtins.set", false, read_set, NULL},
	{"builtins.frozenset", false, read_set, NULL},
	{"collections.OrderedDict", false, read_ordered_dict, NULL},
	{"collections.deque", false, read_deque, NULL},
	{"sqlite3.Cache", false, read_statement_cache, NULL},
	{"builtins.sqlite3Cache", false, read_statement_cache, NULL},
	{"sqlite3.Connection", false, read_connection, NULL},
	{"itertools._tee_dataobject", false, read_tee_data, NULL},
	{"functools._lru_cache_wrapper", false, read_lru_cache, NULL},
	{"builtins.str", true, read_string, string_size},
	{"builtins.bytearray", true, read_bytearray, NULL},
	{"builtins.type", true, read_type_object, type_object_size},
	{"builtins.code", false, read_code, NULL},
	{"builtins.module", false, read_module, NULL},
	{"builtins.PyCapsule", false, read_capsule, NULL},
	{"builtins.generator", false, read_generator, generator_size},
	{"builtins.coroutine", false, read_generator, generator_size},
	{"builtins.async_generator", false, read_generator, generator_size},
	{"builtins.frame", false, read_frame, frame_size},
};

const struct reader *reader_for(const char *type_name)
{
	for (size_t i = 0; i < ARRAY_COUNT(readers); i++)
		if (!strcmp(readers[i].type_name, type_name))
			return &readers[i];
	return NULL;
}
