/*
 * What is behind the queries of debug_info.h: its arrays, made from flat records, and hash
 * indexes over the names.
 */
#ifndef DEBUGINFO_DEBUG_TABLES_H
#define DEBUGINFO_DEBUG_TABLES_H

#include "debuginfo/debug_info.h"
#include "debuginfo/flat.h"
#include "debuginfo/key_map.h"

struct enumerator {
	const char *name;
	int64_t value;
};

struct entry {
	addr_t address;
	uint32_t function;
};

struct debug_info {
	char *path;
	struct binary *binary; /* the detached file, or NULL */
	char *strings;
	struct debug_type *types;
	uint32_t *next_named; /* by type: the next complete one of its name, or DEBUG_NONE */
	struct debug_member *members;
	struct debug_variable *variables;
	struct debug_function *functions;
	struct debug_operand *operands;
	struct enumerator *enumerators;
	struct entry *entries;
	size_t type_count, variable_count, function_count, enumerator_count, entry_count;
	struct key_map types_by_name, aliases_by_name, variables_by_name, functions_by_name,
		enumerators_by_name;
};

/* `flat` must be valid, and is copied.  False when out of memory. */
bool debug_tables_fill(struct debug_info *info, const struct flat *flat);
void debug_tables_release(struct debug_info *info);

/* Of a name, in the indexes. */
uint64_t debug_tables_key(const char *name);

#endif
