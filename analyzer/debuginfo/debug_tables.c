#include "debuginfo/debug_tables.h"

#include <stdlib.h>

uint64_t debug_tables_key(const char *name)
{
	return key_mix_text(1, name);
}

static bool copy_types(struct debug_info *info, const struct flat *flat)
{
	info->type_count = flat->types.count;
	info->types = calloc(flat->types.count + 1, sizeof(*info->types));
	info->next_named = malloc((flat->types.count + 1) * sizeof(*info->next_named));
	info->members = calloc(flat->members.count + 1, sizeof(*info->members));
	if (!info->types || !info->next_named || !info->members)
		return false;
	for (size_t i = 0; i < flat->types.count; i++) {
		const struct flat_type *from = &flat->types.items[i];

		info->types[i] = (struct debug_type){
			(enum debug_kind)from->kind,
			info->strings + from->name,
			from->size,
			from->target,
			from->count,
			from->first_member,
			from->member_count,
			from->is_signed != 0,
		};
	}
	for (size_t i = 0; i < flat->members.count; i++) {
		const struct flat_member *from = &flat->members.items[i];

		info->members[i] =
			(struct debug_member){info->strings + from->name, from->type,
					      from->offset, from->bit_size, from->bit_offset};
	}
	return true;
}

static bool copy_variables(struct debug_info *info, const struct flat *flat)
{
	info->variable_count = flat->variables.count;
	info->variables = calloc(flat->variables.count + 1, sizeof(*info->variables));
	info->enumerator_count = flat->enumerators.count;
	info->enumerators = calloc(flat->enumerators.count + 1, sizeof(*info->enumerators));
	if (!info->variables || !info->enumerators)
		return false;
	for (size_t i = 0; i < flat->variables.count; i++) {
		const struct flat_variable *from = &flat->variables.items[i];

		info->variables[i] = (struct debug_variable){
			info->strings + from->name,
			info->strings + from->function,
			from->address,
			from->type,
			from->flags & FLAT_EXTERNAL,
			(from->flags & FLAT_THREAD_LOCAL) != 0,
		};
	}
	for (size_t i = 0; i < flat->enumerators.count; i++) {
		info->enumerators[i].name = info->strings + flat->enumerators.items[i].name;
		info->enumerators[i].value = (int64_t)flat->enumerators.items[i].value;
	}
	return true;
}

static bool copy_functions(struct debug_info *info, const struct flat *flat)
{
	info->function_count = flat->functions.count;
	info->functions = calloc(flat->functions.count + 1, sizeof(*info->functions));
	info->operands = calloc(flat->operands.count + 1, sizeof(*info->operands));
	info->entry_count = flat->entries.count;
	info->entries = calloc(flat->entries.count + 1, sizeof(*info->entries));
	if (!info->functions || !info->operands || !info->entries)
		return false;
	for (size_t i = 0; i < flat->functions.count; i++) {
		const struct flat_function *from = &flat->functions.items[i];

		info->functions[i] = (struct debug_function){
			info->strings + from->name, from->low,          from->high, from->unit,
			from->first_operand,        from->operand_count};
	}
	for (size_t i = 0; i < flat->operands.count; i++) {
		const struct flat_operand *from = &flat->operands.items[i];

		info->operands[i] = (struct debug_operand){
			info->strings + from->name, from->type, (enum debug_role)from->role};
	}
	for (size_t i = 0; i < flat->entries.count; i++)
		info->entries[i] = (struct entry){flat->entries.items[i].address,
						  flat->entries.items[i].function};
	return true;
}

static bool is_complete(const struct debug_type *type)
{
	return type->kind == DEBUG_STRUCT || type->kind == DEBUG_UNION ||
	       type->kind == DEBUG_ENUM;
}

/* Puts the last one of a name first, so that going backwards leaves the first one there. */
static void index_types(struct debug_info *info)
{
	for (uint32_t i = (uint32_t)info->type_count; i-- > 0;) {
		uint32_t *first;

		info->next_named[i] = DEBUG_NONE;
		if (!is_complete(&info->types[i]) || !*info->types[i].name)
			continue;
		first = key_map_add(&info->types_by_name, debug_tables_key(info->types[i].name),
				    DEBUG_NONE);
		if (!first)
			return;
		info->next_named[i] = *first;
		*first = i;
	}
}

static bool index_names(struct debug_info *info, const struct flat *flat)
{
	index_types(info);
	vector_each (&flat->aliases, alias)
		key_map_add(&info->aliases_by_name,
			    debug_tables_key(info->strings + alias->name), alias->type);
	for (uint32_t i = 0; i < info->variable_count; i++) {
		const struct debug_variable *variable = &info->variables[i];
		uint32_t *place = key_map_add(&info->variables_by_name,
					      debug_tables_key(variable->name), i);

		if (place && variable->is_external && !info->variables[*place].is_external)
			*place = i;
	}
	for (uint32_t i = 0; i < info->function_count; i++)
		key_map_add(&info->functions_by_name, debug_tables_key(info->functions[i].name),
			    i);
	for (uint32_t i = 0; i < info->enumerator_count; i++)
		key_map_add(&info->enumerators_by_name,
			    debug_tables_key(info->enumerators[i].name), i);
	return !info->types_by_name.failed && !info->aliases_by_name.failed &&
	       !info->variables_by_name.failed && !info->functions_by_name.failed &&
	       !info->enumerators_by_name.failed;
}

bool debug_tables_fill(struct debug_info *info, const struct flat *flat)
{
	info->strings = malloc(flat->strings.count);
	if (!info->strings)
		return false;
	memcpy(info->strings, flat->strings.items, flat->strings.count);
	return copy_types(info, flat) && copy_variables(info, flat) &&
	       copy_functions(info, flat) && index_names(info, flat);
}

void debug_tables_release(struct debug_info *info)
{
	free(info->strings);
	free(info->types);
	free(info->next_named);
	free(info->members);
	free(info->variables);
	free(info->functions);
	free(info->operands);
	free(info->enumerators);
	free(info->entries);
	key_map_release(&info->types_by_name);
	key_map_release(&info->aliases_by_name);
	key_map_release(&info->variables_by_name);
	key_map_release(&info->functions_by_name);
	key_map_release(&info->enumerators_by_name);
}
