/*
 * The symbols of a binary, findable by name and by address.  Works on the bytes of the
 * symbol and string tables; refuses to know where they came from.
 */
#ifndef CORE_SYMBOLS_H
#define CORE_SYMBOLS_H

#include "base/cleanup.h"
#include "base/types.h"
#include "core/binary.h"

struct symbol_table;

/* Bytes of one table; all zero if there is none.  They outlive the symbol table. */
struct symbol_source {
	const uint8_t *symbols, *strings;
	uint64_t symbols_size, strings_size;
	bool is_dynamic; /* what it defines is exported */
};

/* Of .symtab, then .dynsym.  NULL when out of memory. */
struct symbol_table *symbol_table_create(const struct symbol_source *sources, size_t count);
void symbol_table_free(struct symbol_table *table);
DEFINE_CLEANUP(struct symbol_table *, symbol_table_free)

/* In the order of the names; what both sources have appears once. */
size_t symbol_table_count(const struct symbol_table *table);
const struct binary_symbol *symbol_table_get(const struct symbol_table *table, size_t index);

/* NULL: there is none.  See binary_symbol, binary_exported and binary_symbol_at. */
const struct binary_symbol *symbol_table_find(const struct symbol_table *table,
					      const char *name);
const struct binary_symbol *symbol_table_find_exported(const struct symbol_table *table,
						       const char *name);
const struct binary_symbol *symbol_table_find_at(const struct symbol_table *table,
						 addr_t address);

/* A NUL-terminated string inside the string table, or NULL. */
const char *symbol_source_string(const struct symbol_source *source, uint32_t offset);

#endif
