#include "support/debug_fixture.h"

#include <criterion/criterion.h>

static struct fixture fixture;
static struct binary *binary;
static struct debug_info *info;

static void set_up(void)
{
	fixture_init(&fixture);
}

static void tear_down(void)
{
	if (info)
		debug_info_close(info);
	if (binary)
		binary_close(binary);
	info = NULL;
	binary = NULL;
	fixture_release(&fixture);
}

TestSuite(debug_info, .init = set_up, .fini = tear_down);

static void open_built(const char *compiler, const char *flags)
{
	fixture_build(&fixture, compiler, flags);
	info = fixture_open(&fixture, "program", false, &binary);
}

static struct debug_field field_of(const char *type, const char *path)
{
	struct debug_field field;
	uint32_t id = debug_type_named(info, type);

	cr_assert_neq(id, DEBUG_NONE, "no struct %s", type);
	cr_assert(debug_field(info, id, path, &field), "no %s.%s", type, path);
	return field;
}

static const struct debug_variable *variable(const char *name)
{
	const struct debug_variable *ret;

	cr_assert(debug_variable_named(info, name, &ret), "no variable %s", name);
	return ret;
}

static const char *type_name(uint32_t type)
{
	return type == DEBUG_NONE ? "void" : debug_type(info, type)->name;
}

static bool has_operand(const char *function, const char *name, enum debug_role role,
			const char *type)
{
	const struct debug_function *found = debug_function_named(info, function);

	cr_assert(found, "no function %s", function);
	for (uint32_t i = 0; i < found->operand_count; i++) {
		const struct debug_operand *operand =
			debug_operand(info, found->first_operand + i);
		const struct debug_type *pointer = debug_type(info, operand->type);

		if (operand->role == role && strcmp(operand->name, name) == 0)
			return strcmp(type_name(pointer->target), type) == 0;
	}
	return false;
}

static addr_t symbol_address(const char *name)
{
	struct binary_symbol symbol;

	cr_assert(binary_symbol(binary, name, &symbol), "no symbol %s", name);
	return symbol.address;
}

static void check_layouts(void)
{
	struct debug_field mode = field_of("Registry", "mode");

	cr_assert_eq(field_of("Registry", "head").offset, 0u);
	cr_assert_eq(mode.offset * 8 + mode.bit_offset, 65u);
	cr_assert_eq(mode.bit_size, 3);
	cr_assert_eq(field_of("Registry", "real").offset, 16u);
	cr_assert_eq(field_of("Registry", "rows.label").offset, 72u);
	cr_assert_eq(field_of("elsewhere", "inner.value").offset, 16u);
	cr_assert_eq(debug_type(info, field_of("Registry", "grid").type)->count, 12u);
	cr_assert_eq(field_of("Registry", "grid").size, 48u);
	cr_assert_eq(debug_type(info, field_of("Registry", "tail").type)->count, 0u);
}

static void check_variables(void)
{
	cr_assert_eq(variable("registry")->address, symbol_address("registry"));
	cr_assert(variable("registry")->is_external);
	cr_assert_str_eq(type_name(variable("registry")->type), "Registry");
	cr_assert_str_eq(variable("calls")->function, "visit");
	cr_assert_not(variable("calls")->is_external);
	cr_assert(variable("thread_counter")->is_thread_local);
	cr_assert_not(variable("calls")->is_thread_local);
}

static void check_functions(void)
{
	addr_t visit = symbol_address("visit");

	cr_assert_str_eq(debug_function_at(info, visit)->name, "visit");
	cr_assert_null(debug_function_at(info, visit + 1));
	cr_assert(has_operand("visit", "from", DEBUG_PARAMETER_0, "Registry"));
	cr_assert(has_operand("visit", "extra", DEBUG_PARAMETER, "node"));
	cr_assert(has_operand("visit", "current", DEBUG_LOCAL, "node"));
	cr_assert(has_operand("visit", "item", DEBUG_INLINED, "node"));
	cr_assert(has_operand("walk", "where", DEBUG_PARAMETER, "elsewhere"));
	cr_assert_not(has_operand("visit", "plain", DEBUG_PARAMETER, ""));
}

static void check_all(void)
{
	check_layouts();
	check_variables();
	check_functions();
}

Test(debug_info, reads_dwarf_5)
{
	open_built("gcc", "-O2 -g -gdwarf-5");
	check_all();
}

Test(debug_info, reads_dwarf_4)
{
	open_built("gcc", "-O2 -g -gdwarf-4");
	check_all();
}

Test(debug_info, reads_dwarf_3_with_its_bit_fields_counted_from_the_other_end)
{
	open_built("gcc", "-O2 -g -gdwarf-3 -gstrict-dwarf");
	check_layouts();
	check_variables();
}

Test(debug_info, reads_link_time_optimized_programs)
{
	open_built("gcc", "-O2 -g -flto");
	check_layouts();
	cr_assert_str_eq(variable("calls")->function, "visit");
	cr_assert(variable("thread_counter")->is_thread_local);
	cr_assert(has_operand("visit", "item", DEBUG_INLINED, "node"));
}

Test(debug_info, reads_compressed_sections)
{
	open_built("gcc", "-O2 -g -gz");
	check_all();
}

Test(debug_info, reads_type_units_of_dwarf_4)
{
	open_built("gcc", "-O2 -g -gdwarf-4 -fdebug-types-section");
	check_all();
}

Test(debug_info, reads_type_units_of_dwarf_5)
{
	open_built("gcc", "-O2 -g -gdwarf-5 -fdebug-types-section");
	check_all();
}

Test(debug_info, reads_what_clang_writes)
{
	open_built("clang", "-O2 -g -gdwarf-5");
	check_layouts();
	check_variables();
	cr_assert(has_operand("visit", "from", DEBUG_PARAMETER_0, "Registry"));
	cr_assert(has_operand("visit", "item", DEBUG_INLINED, "node"));
}

Test(debug_info, keeps_structs_of_one_name_apart_if_their_members_differ)
{
	uint32_t first, second;
	struct debug_field field;

	open_built("gcc", "-O2 -g");
	first = debug_type_named(info, "State");
	second = debug_type_next_named(info, first);
	cr_assert_neq(second, DEBUG_NONE);
	cr_assert_eq(debug_type_next_named(info, second), DEBUG_NONE);
	cr_assert(debug_field(info, first, "only_in_main", &field));
	cr_assert(debug_field(info, second, "only_in_other", &field));
	cr_assert(debug_field(info, variable("other_state")->type, "only_in_other", &field));
}

Test(debug_info, merges_equal_structs_of_different_units)
{
	open_built("gcc", "-O2 -g");
	cr_assert_eq(debug_type_next_named(info, debug_type_named(info, "node")), DEBUG_NONE);
	cr_assert_eq(debug_type_next_named(info, debug_type_named(info, "Registry")),
		     DEBUG_NONE);
}

Test(debug_info, finds_a_struct_by_its_typedef)
{
	open_built("gcc", "-O2 -g");
	cr_assert_eq(debug_type_named(info, "Node"), debug_type_named(info, "node"));
	cr_assert_eq(debug_type_named(info, "nobody"), DEBUG_NONE);
}

Test(debug_info, keeps_a_struct_that_is_defined_nowhere_as_a_declaration)
{
	open_built("gcc", "-O2 -g");
	cr_assert(has_operand("walk", "secret", DEBUG_PARAMETER, "hidden"));
	cr_assert_eq(debug_type_named(info, "hidden"), DEBUG_NONE);
}

Test(debug_info, knows_enumerators)
{
	int64_t value;

	open_built("gcc", "-O2 -g");
	cr_assert(debug_enumerator(info, "RED", &value));
	cr_assert_eq(value, 7);
	cr_assert(debug_enumerator(info, "BLUE", &value));
	cr_assert_eq(value, -2);
	cr_assert_not(debug_enumerator(info, "GREEN", &value));
}

Test(debug_info, lists_variables_and_functions_by_address)
{
	open_built("gcc", "-O2 -g");
	for (size_t i = 1; i < debug_variable_count(info); i++)
		cr_assert_leq(debug_variable(info, i - 1)->address,
			      debug_variable(info, i)->address);
	for (size_t i = 1; i < debug_function_count(info); i++)
		cr_assert_leq(debug_function(info, i - 1)->low, debug_function(info, i)->low);
}

Test(debug_info, misses_paths_that_lead_nowhere)
{
	static const char *const paths[] = {"nothing", "head.value", "grid.x", ".", "mode.x"};
	struct debug_field field;
	uint32_t type;

	open_built("gcc", "-O2 -g");
	type = debug_type_named(info, "Registry");
	for (size_t i = 0; i < ARRAY_COUNT(paths); i++)
		cr_assert_not(debug_field(info, type, paths[i], &field), "%s", paths[i]);
}

static void check_split_function(void)
{
	struct binary_symbol cold;

	if (!binary_symbol(binary, "walk.cold", &cold))
		cr_skip_test("the compiler did not split the function");
	cr_assert_eq(debug_function_named(info, "walk")->low, symbol_address("walk"));
	cr_assert_str_eq(debug_function_at(info, cold.address)->name, "walk");
}

Test(debug_info, enters_a_split_function_where_it_is_hot)
{
	open_built("gcc", "-O2 -g -gdwarf-5");
	check_split_function();
}

Test(debug_info, enters_a_split_function_of_dwarf_4_where_it_is_hot)
{
	open_built("gcc", "-O2 -g -gdwarf-4");
	check_split_function();
}

Test(debug_info, resolves_a_declaration_to_the_definition_in_another_unit)
{
	open_built("gcc", "-O2 -g");
	cr_assert(has_operand("relay", "where", DEBUG_PARAMETER_0, "elsewhere"));
	for (uint32_t i = 0; i < debug_type_count(info); i++) {
		const struct debug_type *type = debug_type(info, i);

		cr_assert(type->kind != DEBUG_DECLARATION ||
			  strcmp(type->name, "elsewhere") != 0);
	}
}
