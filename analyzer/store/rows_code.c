/*
 * What the program's code says: symbols, and the structs of its memory.
 */
#include "store/rows.h"

bool rows_symbols(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	vector_each (&snapshot->symbols, symbol) {
		insert_unsigned(insert, symbol->address);
		insert_unsigned(insert, symbol->size);
		insert_text(insert, symbol->name);
		insert_text(insert, symbol->is_function ? "function" : "variable");
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_structs(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	for (uint32_t i = 0; i < snapshot->structs.count; i++) {
		insert_id(insert, i);
		insert_text(insert, snapshot->structs.items[i].name);
		insert_text(insert, snapshot->structs.items[i].is_union ? "union" : "struct");
		insert_unsigned(insert, snapshot->structs.items[i].size);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}

bool rows_members(struct insert *insert, const struct snapshot *snapshot, struct error *err)
{
	vector_each (&snapshot->members, member) {
		insert_id(insert, member->owner);
		insert_unsigned(insert, member->offset);
		insert_unsigned(insert, member->size);
		insert_unsigned(insert, member->count);
		insert_text(insert, member->name);
		insert_known_text(insert, member->type);
		if (!insert_row(insert, err))
			return false;
	}
	return true;
}
