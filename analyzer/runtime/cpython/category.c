/*
 * What an object is for a person who reads where the memory went: a handful of categories, by
 * the type or the nearest base that is in the table.
 */
#include "runtime/cpython/types.h"

#define DEEPEST_BASE 100

static const struct {
	const char *type;
	enum object_category category;
} categories[] = {
	{"builtins.dict", CATEGORY_CONTAINERS},
	{"builtins.frozendict", CATEGORY_CONTAINERS},
	{"builtins.frozenset", CATEGORY_CONTAINERS},
	{"builtins.list", CATEGORY_CONTAINERS},
	{"builtins.mappingproxy", CATEGORY_CONTAINERS},
	{"builtins.set", CATEGORY_CONTAINERS},
	{"builtins.tuple", CATEGORY_CONTAINERS},
	{"collections.deque", CATEGORY_CONTAINERS},
	{"array.array", CATEGORY_TEXT},
	{"builtins.bytearray", CATEGORY_TEXT},
	{"builtins.bytes", CATEGORY_TEXT},
	{"builtins.memoryview", CATEGORY_TEXT},
	{"builtins.str", CATEGORY_TEXT},
	{"builtins.complex", CATEGORY_NUMBERS},
	{"builtins.float", CATEGORY_NUMBERS},
	{"builtins.int", CATEGORY_NUMBERS},
	{"decimal.Decimal", CATEGORY_NUMBERS},
	{"builtins.async_generator", CATEGORY_CODE},
	{"builtins.builtin_function_or_method", CATEGORY_CODE},
	{"builtins.cell", CATEGORY_CODE},
	{"builtins.classmethod", CATEGORY_CODE},
	{"builtins.classmethod_descriptor", CATEGORY_CODE},
	{"builtins.code", CATEGORY_CODE},
	{"builtins.coroutine", CATEGORY_CODE},
	{"builtins.frame", CATEGORY_CODE},
	{"builtins.function", CATEGORY_CODE},
	{"builtins.generator", CATEGORY_CODE},
	{"builtins.getset_descriptor", CATEGORY_CODE},
	{"builtins.member_descriptor", CATEGORY_CODE},
	{"builtins.method", CATEGORY_CODE},
	{"builtins.method-wrapper", CATEGORY_CODE},
	{"builtins.method_descriptor", CATEGORY_CODE},
	{"builtins.property", CATEGORY_CODE},
	{"builtins.staticmethod", CATEGORY_CODE},
	{"builtins.wrapper_descriptor", CATEGORY_CODE},
	{"builtins.module", CATEGORY_TYPES},
	{"builtins.type", CATEGORY_TYPES},
};

static bool find_category(const char *name, enum object_category *ret)
{
	for (size_t i = 0; i < ARRAY_COUNT(categories); i++)
		if (!strcmp(categories[i].type, name)) {
			*ret = categories[i].category;
			return true;
		}
	return false;
}

enum object_category type_category(const struct type_table *table, const struct type_info *type)
{
	enum object_category category;

	if (type->is_type)
		return CATEGORY_TYPES;
	if (type->is_python)
		return CATEGORY_INSTANCES;
	for (int depth = 0; depth < DEEPEST_BASE; depth++) {
		if (find_category(type->name, &category))
			return category;
		if (type->base == TYPE_NONE)
			break;
		type = type_table_get(table, type->base);
	}
	return CATEGORY_OTHER;
}
