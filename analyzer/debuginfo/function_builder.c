/*
 * A concrete function has an address; its name, its unit and its operands' names and types
 * come from the abstract instance that it, and they, refer to.
 */
#include "debuginfo/function_builder.h"

#include "base/search.h"
#include "debuginfo/debug_info.h"

#include <dwarf.h>
#include <stdlib.h>

/* The function whose body a DIE stands in; "" if none. */
static const char *enclosing_function(const struct die_tree *tree, uint32_t index)
{
	uint32_t parent = tree->dies.items[index].parent;

	while (parent != DIE_NONE) {
		uint16_t tag = tree->dies.items[parent].tag;

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			return die_tree_name(tree, parent);
		parent = tree->dies.items[parent].parent;
	}
	return "";
}

static int compare_variables(const void *left, const void *right)
{
	const struct flat_variable *one = left, *other = right;

	if (one->address != other->address)
		return one->address < other->address ? -1 : 1;
	return one->name < other->name ? -1 : one->name > other->name;
}

static void add_variable(const struct die_tree *tree, struct type_builder *types,
			 struct key_map *known, uint32_t index, struct flat *ret)
{
	const struct die *die = &tree->dies.items[index];
	const char *name = die_tree_name(tree, index);
	const char *function = enclosing_function(tree, index);
	struct flat_variable variable = {.address = die->value};
	size_t count = known->count;

	if (!*name)
		return;
	if (!*function)
		function = enclosing_function(tree, die_tree_origin(tree, index));
	variable.name = flat_symbol(ret, name);
	variable.function = flat_symbol(ret, function);
	variable.type = type_builder_type(types, die_tree_type(tree, index));
	variable.flags = (die_tree_is_external(tree, index) ? FLAT_EXTERNAL : 0) |
			 (die->is_thread_local ? FLAT_THREAD_LOCAL : 0);
	/* Every inlined copy of a function mentions its statics. */
	key_map_add(known, key_mix(key_mix(variable.name, die->value), variable.flags), 0);
	if (known->count != count)
		vector_push(&ret->variables, variable);
}

bool function_builder_add_variables(const struct die_tree *tree, struct type_builder *types,
				    struct flat *ret)
{
	CLEANUP(key_map_release) struct key_map known = {0};

	for (uint32_t i = 0; i < tree->dies.count; i++) {
		const struct die *die = &tree->dies.items[i];

		/* The linker leaves 0 where it threw the variable away. */
		if (die->tag == DW_TAG_variable && die->has_address &&
		    (die->value || die->is_thread_local))
			add_variable(tree, types, &known, i, ret);
	}
	if (ret->variables.count)
		qsort(ret->variables.items, ret->variables.count, sizeof(*ret->variables.items),
		      compare_variables);
	return !known.failed && !flat_failed(ret);
}

struct concrete {
	uint64_t low;
	uint32_t die;
};

/* The functions of a tree while they are written to `flat`. */
struct functions {
	const struct die_tree *tree;
	struct type_builder *types;
	struct flat *flat;
	struct key_map operands; /* key of an operand → the last function that has it */
	VECTOR_OF(struct concrete) concrete;
	size_t next_range;
};

static int compare_concrete(const void *left, const void *right)
{
	const struct concrete *one = left, *other = right;

	if (one->low != other->low)
		return one->low < other->low ? -1 : 1;
	return one->die < other->die ? -1 : one->die > other->die;
}

static int compare_entries(const void *left, const void *right)
{
	const struct flat_entry *one = left, *other = right;

	if (one->address != other->address)
		return one->address < other->address ? -1 : 1;
	return one->function < other->function ? -1 : one->function > other->function;
}

static void find_concrete(struct functions *functions)
{
	const struct die_tree *tree = functions->tree;

	for (uint32_t i = 0; i < tree->dies.count; i++) {
		const struct die *die = &tree->dies.items[i];
		struct concrete concrete = {die->value, i};
		const char *name;

		if (die->tag != DW_TAG_subprogram || !die->has_address)
			continue;
		name = die_tree_name(tree, i);
		if (*name && !strstr(name, ".cold"))
			vector_push(&functions->concrete, concrete);
	}
	if (functions->concrete.count)
		qsort(functions->concrete.items, functions->concrete.count,
		      sizeof(*functions->concrete.items), compare_concrete);
}

static bool is_struct_pointer(const struct flat *flat, uint32_t type)
{
	const struct flat_type *target;

	if (type == DEBUG_NONE || flat->types.items[type].kind != DEBUG_POINTER ||
	    flat->types.items[type].target == DEBUG_NONE)
		return false;
	target = &flat->types.items[flat->types.items[type].target];
	return target->kind == DEBUG_STRUCT || target->kind == DEBUG_UNION ||
	       target->kind == DEBUG_DECLARATION;
}

/* Inlined callees come again and again; one mention of each is evidence enough. */
static void add_operand(struct functions *functions, uint32_t index, enum debug_role role)
{
	struct flat *flat = functions->flat;
	uint32_t function = (uint32_t)flat->functions.count;
	uint64_t type_offset = die_tree_type(functions->tree, index);
	struct flat_operand operand = {.role = role};
	uint32_t *last;

	operand.type = type_builder_type(functions->types, type_offset);
	if (!is_struct_pointer(flat, operand.type))
		return;
	operand.name = flat_symbol(flat, die_tree_name(functions->tree, index));
	last = key_map_add(&functions->operands,
			   key_mix(key_mix(operand.name, operand.type), role), UINT32_MAX);
	if (!last || *last == function)
		return;
	*last = function;
	vector_push(&flat->operands, operand);
}

static void add_operands(struct functions *functions, uint32_t function)
{
	const struct die *dies = functions->tree->dies.items;
	uint32_t end = dies[function].end;
	uint32_t inlined_end = function; /* of the outermost inlined callee that we are in */
	uint32_t parameters = 0;

	for (uint32_t i = function + 1; i < end; i++) {
		bool is_inlined = i < inlined_end;

		switch (dies[i].tag) {
		case DW_TAG_subprogram:
			i = dies[i].end - 1; /* a nested function speaks for itself */
			break;
		case DW_TAG_inlined_subroutine:
			if (!is_inlined)
				inlined_end = dies[i].end;
			break;
		case DW_TAG_variable:
			add_operand(functions, i, is_inlined ? DEBUG_INLINED : DEBUG_LOCAL);
			break;
		case DW_TAG_formal_parameter:
			if (is_inlined)
				add_operand(functions, i, DEBUG_INLINED);
			else
				add_operand(functions, i,
					    parameters++ ? DEBUG_PARAMETER : DEBUG_PARAMETER_0);
			break;
		default:
			break;
		}
	}
}

static void add_entries(struct functions *functions, uint32_t index)
{
	const struct die_tree *tree = functions->tree;
	struct flat_entry entry = {.function = (uint32_t)functions->flat->functions.count};
	size_t at;

	if (!tree->dies.items[index].has_ranges) {
		entry.address = tree->dies.items[index].value;
		vector_push(&functions->flat->entries, entry);
		return;
	}
	at = count_leading(tree->ranges.count, i, tree->ranges.items[i].die < index);
	for (; at < tree->ranges.count && tree->ranges.items[at].die == index; at++) {
		entry.address = tree->ranges.items[at].low;
		vector_push(&functions->flat->entries, entry);
	}
}

static void add_function(struct functions *functions, uint32_t index)
{
	const struct die_tree *tree = functions->tree;
	const struct die *die = &tree->dies.items[index];
	struct flat *flat = functions->flat;
	struct flat_function function = {.low = die->value, .high = die->value + die->size};

	function.name = flat_symbol(flat, die_tree_name(tree, index));
	function.unit = tree->dies.items[die_tree_origin(tree, index)].unit;
	function.first_operand = (uint32_t)flat->operands.count;
	add_operands(functions, index);
	function.operand_count = (uint32_t)flat->operands.count - function.first_operand;
	add_entries(functions, index);
	vector_push(&flat->functions, function);
}

bool function_builder_add_functions(const struct die_tree *tree, struct type_builder *types,
				    struct flat *ret)
{
	struct functions functions = {.tree = tree, .types = types, .flat = ret};
	bool failed;

	find_concrete(&functions);
	vector_each (&functions.concrete, concrete)
		add_function(&functions, concrete->die);
	if (ret->entries.count)
		qsort(ret->entries.items, ret->entries.count, sizeof(*ret->entries.items),
		      compare_entries);
	failed = functions.operands.failed || functions.concrete.failed || flat_failed(ret);
	key_map_release(&functions.operands);
	vector_release(&functions.concrete);
	return !failed;
}
