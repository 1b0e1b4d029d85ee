#include "pipeline/symbols.h"

#include "base/search.h"

#include <stdlib.h>

#define MOST_FUNCTIONS 20000u  /* of a module */
#define MOST_VARIABLES 100000u /* of a module */

static bool is_writable(const struct binary *binary, addr_t address)
{
	for (size_t i = 0; i < binary_segment_count(binary); i++) {
		const struct binary_segment *segment = binary_segment(binary, i);

		if (address - segment->address < segment->memory_size)
			return segment->writable;
	}
	return false;
}

static bool is_wanted(const struct binary *binary, const struct binary_symbol *symbol)
{
	return symbol->size && symbol->name[0] && !symbol->is_undefined &&
	       !symbol->is_thread_local &&
	       (symbol->is_function || is_writable(binary, symbol->address));
}

static void add_kind(struct snapshot *snapshot, const struct module *module, bool is_function,
		     size_t most)
{
	const struct binary *binary = module_symbols(module);
	size_t before = snapshot->symbols.count;

	for (size_t i = 0; i < binary_symbol_count(binary); i++) {
		struct binary_symbol symbol;

		binary_symbol_get(binary, i, &symbol);
		if (symbol.is_function != is_function || !is_wanted(module->binary, &symbol))
			continue;
		if (snapshot->symbols.count - before == most) {
			snapshot->symbols.count = before;
			return;
		}
		vector_push(&snapshot->symbols,
			    ((struct snapshot_symbol){symbol.address + module->bias,
						      symbol.size, symbol.name, is_function}));
	}
}

/* By address; of two the larger first, then the one with fewer marks of a compiler. */
static int compare_symbols(const void *left, const void *right)
{
	const struct snapshot_symbol *a = left, *b = right;
	size_t a_length = strlen(a->name), b_length = strlen(b->name);

	if (a->address != b->address)
		return addr_compare(&a->address, &b->address);
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void keep_one_each(struct snapshot *snapshot)
{
	struct snapshot_symbol *items = snapshot->symbols.items;
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->symbols.count; i++)
		if (!kept || items[kept - 1].address != items[i].address)
			items[kept++] = items[i];
	snapshot->symbols.count = kept;
}

bool symbols_fill(struct target *target, struct snapshot *snapshot, struct error *err)
{
	for (size_t i = 0; i < target_module_count(target); i++) {
		add_kind(snapshot, target_module(target, i), false, MOST_VARIABLES);
		add_kind(snapshot, target_module(target, i), true, MOST_FUNCTIONS);
	}
	if (snapshot->symbols.count)
		qsort(snapshot->symbols.items, snapshot->symbols.count,
		      sizeof(*snapshot->symbols.items), compare_symbols);
	keep_one_each(snapshot);
	return !snapshot->symbols.failed || error_out_of_memory(err, "reading symbols");
}
