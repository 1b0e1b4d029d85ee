#include "core/binary.h"

#include "support/compiled.h"

#include <criterion/criterion.h>

static const char *const source =
	"int counter = 7;\n"
	"static long pad[600];\n"
	"long *pointer = pad + 2;\n"
	"int *symbolic = &counter;\n"
	"__thread int per_thread = 3;\n"
	"extern int elsewhere;\n"
	"int *far_away(void) { return &elsewhere; }\n"
	"static int kept(int x) __asm__(\"arenas.lto_priv.0\");\n"
	"static __attribute__((used, noinline)) int kept(int x) { return x + counter; }\n"
	"static int cold(int x) __asm__(\"slow.cold\");\n"
	"static __attribute__((used, noinline)) int cold(int x) { return x; }\n"
	"int call(int x) { return kept(x); }\n";

static struct binary *open_compiled(struct compiled *library, const char *flags)
{
	struct error err = {0};
	struct binary *binary;

	if (!compiled_library(library, source, flags))
		return NULL;
	binary = binary_open(library->path, &err);
	cr_assert(binary, "%s", err.message);
	return binary;
}

static void finish(struct compiled *library, struct binary *binary)
{
	binary_close(binary);
	compiled_remove(library);
}

Test(binary, finds_symbols_by_name_and_by_address)
{
	struct compiled library;
	struct binary *binary = open_compiled(&library, "");
	struct binary_symbol symbol, at;

	if (!binary)
		return;
	cr_assert(binary_symbol(binary, "call", &symbol));
	cr_assert(symbol.is_function);
	cr_assert(binary_symbol_at(binary, symbol.address + symbol.size - 1, &at));
	cr_assert_str_eq(at.name, "call");
	cr_assert(binary_symbol(binary, "elsewhere", &symbol));
	cr_assert(symbol.is_undefined);
	cr_assert_eq(symbol.address, 0u);
	cr_assert(binary_symbol(binary, "per_thread", &symbol));
	cr_assert(symbol.is_thread_local);
	cr_assert(!binary_symbol(binary, "missing", &symbol));
	finish(&library, binary);
}

Test(binary, takes_the_linkers_suffixes_for_the_name_they_had)
{
	struct compiled library;
	struct binary *binary = open_compiled(&library, "");
	struct binary_symbol symbol;

	if (!binary)
		return;
	cr_assert(binary_symbol(binary, "arenas", &symbol));
	cr_assert_str_eq(symbol.name, "arenas.lto_priv.0");
	cr_assert(binary_symbol(binary, "arenas.lto_priv.0", &symbol));
	cr_assert(!binary_symbol(binary, "slow", &symbol));
	cr_assert(binary_symbol(binary, "slow.cold", &symbol));
	finish(&library, binary);
}

Test(binary, shows_the_bytes_of_the_file_but_not_of_bss)
{
	struct compiled library;
	struct binary *binary = open_compiled(&library, "");
	struct binary_symbol symbol;
	struct address_range span;

	if (!binary)
		return;
	cr_assert(binary_symbol(binary, "counter", &symbol));
	cr_assert_arr_eq(binary_view(binary, symbol.address, 4), "\7\0\0\0", 4);
	span = binary_span(binary);
	cr_assert_null(binary_view(binary, span.end - 8, 8));
	cr_assert_null(binary_view(binary, UINT64_MAX, 1));
	cr_assert_gt(binary_build_id(binary)->size, 0u);
	cr_assert(binary_has_section(binary, ".dynsym"));
	cr_assert(!binary_has_section(binary, ".debug_info"));
	finish(&library, binary);
}

static const struct binary_relocation *relocation_at(const struct binary *binary, addr_t slot)
{
	for (size_t i = 0; i < binary_relocation_count(binary); i++)
		if (binary_relocation(binary, i)->slot == slot)
			return binary_relocation(binary, i);
	return NULL;
}

static void check_relocations(const char *flags)
{
	struct compiled library;
	struct binary *binary = open_compiled(&library, flags);
	struct binary_symbol pointer, symbolic, pad;
	const struct binary_relocation *found;

	if (!binary)
		return;
	cr_assert(binary_symbol(binary, "pointer", &pointer));
	cr_assert(binary_symbol(binary, "symbolic", &symbolic));
	cr_assert(binary_symbol(binary, "pad", &pad));
	found = relocation_at(binary, pointer.address);
	cr_assert(found);
	cr_assert_null(found->symbol);
	cr_assert_eq(found->addend, pad.address + 16);
	found = relocation_at(binary, symbolic.address);
	cr_assert(found);
	cr_assert_str_eq(found->symbol, "counter");
	for (size_t i = 1; i < binary_relocation_count(binary); i++)
		cr_assert_gt(binary_relocation(binary, i)->slot,
			     binary_relocation(binary, i - 1)->slot);
	finish(&library, binary);
}

Test(binary, lists_the_pointers_that_the_loader_sets)
{
	check_relocations("");
}

Test(binary, reads_packed_relative_relocations)
{
	check_relocations("-Wl,-z,pack-relative-relocs");
}

Test(binary, refuses_what_is_no_binary_with_a_sentence)
{
	struct error missing = {0}, text = {0};

	cr_assert_null(binary_open("/nonexistent/lib.so", &missing));
	cr_assert_eq(missing.kind, ERROR_INPUT);
	cr_assert_null(binary_open("/proc/version", &text));
	cr_assert_neq(text.kind, ERROR_NONE);
}

Test(binary, formats_build_ids_as_hex)
{
	struct build_id id = {.size = 3, .bytes = {0x0a, 0xff, 0x10}}, other = id;
	char text[2 * BUILD_ID_MAX + 1];

	build_id_format(&id, text);
	cr_assert_str_eq(text, "0aff10");
	cr_assert(build_id_equal(&id, &other));
	other.bytes[2] = 0x11;
	cr_assert(!build_id_equal(&id, &other));
}
