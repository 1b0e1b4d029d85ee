/*
 * OFFSET SIZE MEANING                          (System V gABI, Elf64_Sym; 24 bytes)
 *      0    4 name: offset into the string table
 *      4    1 type (low 4 bits): 0 none, 1 object, 2 function, 6 thread-local, 10 ifunc
 *      6    2 section: 0 is undefined, 0xfff1 is absolute
 *      8    8 value
 *     16    8 size
 */
#include "core/symbols.h"

#include "base/arena.h"
#include "base/search.h"
#include "base/vector.h"
#include "core/bytes.h"

#include <elf.h>
#include <stdlib.h>

#define SYMBOL_SIZE  24u
#define MOST_WALKED  32 /* symbols looked at below an address, for one that spans it */
#define LONGEST_NAME 65536

/* How good a symbol is under its base name: lower comes first. */
enum rank { RANK_EXACT, RANK_SUFFIXED, RANK_UNDEFINED };

struct entry {
	struct binary_symbol symbol;
	uint32_t base_size; /* of the name without LTO's suffixes */
	uint8_t rank;
	uint8_t source;
};

struct symbol_table {
	struct arena *arena;
	VECTOR_OF(struct entry) entries; /* by base name, rank, source */
	VECTOR_OF(uint32_t) by_address;  /* those that have one */
};

const char *symbol_source_string(const struct symbol_source *source, uint32_t offset)
{
	const char *text = (const char *)source->strings + offset;

	if (offset >= source->strings_size)
		return NULL;
	if (strnlen(text, source->strings_size - offset) == source->strings_size - offset)
		return NULL;
	return text;
}

/*
 * Bytes of the name as the source code has it.  GCC appends .lto_priv.N, .constprop.N and
 * .isra.N to what is still the whole thing; .cold and .part are pieces of a function.
 */
static size_t base_size_of(const char *name)
{
	static const char *const whole[] = {"lto_priv", "constprop", "isra"};
	size_t base = strcspn(name, ".");
	const char *at = name + base;
	bool known = false;

	while (*at == '.') {
		size_t part = strcspn(at + 1, ".");
		bool digits = strspn(at + 1, "0123456789") == part;

		if (!digits) {
			known = false;
			for (size_t i = 0; i < ARRAY_COUNT(whole); i++)
				known |= strlen(whole[i]) == part &&
					 !strncmp(at + 1, whole[i], part);
		}
		if (!known)
			return strlen(name);
		at += 1 + part;
	}
	return base;
}

static bool is_wanted(uint8_t type, uint16_t section)
{
	switch (type) {
	case STT_NOTYPE:
	case STT_OBJECT:
	case STT_FUNC:
	case STT_COMMON:
	case STT_TLS:
	case STT_GNU_IFUNC:
		return section < SHN_LORESERVE || section == SHN_XINDEX;
	default:
		return false;
	}
}

/* The name without @VERSION; a copy only where there is one. */
static const char *plain_name(struct symbol_table *table, const char *name)
{
	size_t length = strcspn(name, "@");

	return name[length] ? arena_string_n(table->arena, name, length) : name;
}

static void add_symbol(struct symbol_table *table, const struct symbol_source *source,
		       const uint8_t *bytes, uint8_t source_index)
{
	uint8_t type = bytes[4] & 0xf;
	uint16_t section = load_u16(bytes + 6);
	const char *name = symbol_source_string(source, load_u32(bytes));
	struct entry entry = {.source = source_index};

	if (!name || !*name || !is_wanted(type, section))
		return;
	entry.symbol.name = plain_name(table, name);
	if (!entry.symbol.name || strnlen(entry.symbol.name, LONGEST_NAME) == LONGEST_NAME)
		return;
	entry.symbol.is_undefined = section == SHN_UNDEF;
	entry.symbol.is_thread_local = type == STT_TLS;
	entry.symbol.is_function = type == STT_FUNC || type == STT_GNU_IFUNC;
	entry.symbol.is_chosen = type == STT_GNU_IFUNC;
	entry.symbol.is_exported = source->is_dynamic && !entry.symbol.is_undefined;
	entry.symbol.address = entry.symbol.is_undefined ? 0 : load_u64(bytes + 8);
	entry.symbol.size = load_u64(bytes + 16);
	entry.base_size = (uint32_t)base_size_of(entry.symbol.name);
	entry.rank = entry.symbol.is_undefined            ? RANK_UNDEFINED
		     : entry.symbol.name[entry.base_size] ? RANK_SUFFIXED
							  : RANK_EXACT;
	vector_push(&table->entries, entry);
}

/* Orders a base name against a text of `size` bytes. */
static int compare_base(const struct entry *entry, const char *text, size_t size)
{
	size_t shorter = entry->base_size < size ? entry->base_size : size;
	int order = memcmp(entry->symbol.name, text, shorter);

	if (order)
		return order;
	return entry->base_size < size ? -1 : entry->base_size > size;
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_base(a, b->symbol.name, b->base_size);

	if (order)
		return order;
	if (a->rank != b->rank)
		return a->rank - b->rank;
	if (a->source != b->source)
		return a->source - b->source;
	if (a->symbol.address != b->symbol.address)
		return a->symbol.address < b->symbol.address ? -1 : 1;
	return strcmp(a->symbol.name, b->symbol.name);
}

/* .dynsym repeats what .symtab has; a loop over a run of one base name finds the twin. */
static bool has_twin(struct symbol_table *table, size_t kept, const struct entry *entry)
{
	for (size_t steps = 0; kept-- > 0 && steps < MOST_WALKED; steps++) {
		struct entry *known = &table->entries.items[kept];

		if (compare_base(known, entry->symbol.name, entry->base_size))
			return false;
		if (known->symbol.address == entry->symbol.address &&
		    !strcmp(known->symbol.name, entry->symbol.name)) {
			known->symbol.is_exported |= entry->symbol.is_exported;
			return true;
		}
	}
	return false;
}

static void sort_by_name(struct symbol_table *table)
{
	size_t kept = 0;

	if (table->entries.count)
		qsort(table->entries.items, table->entries.count, sizeof(struct entry),
		      compare_entries);
	vector_each (&table->entries, entry)
		if (!has_twin(table, kept, entry))
			table->entries.items[kept++] = *entry;
	table->entries.count = kept;
}

/* Of symbols at one address the sized ones come last, so that they are met first. */
static int compare_addresses(const void *left, const void *right, void *entries)
{
	const uint32_t *l = left, *r = right;
	const struct entry *a = (const struct entry *)entries + *l;
	const struct entry *b = (const struct entry *)entries + *r;

	if (a->symbol.address != b->symbol.address)
		return a->symbol.address < b->symbol.address ? -1 : 1;
	if (a->symbol.size != b->symbol.size)
		return a->symbol.size < b->symbol.size ? -1 : 1;
	return *l > *r ? -1 : *l < *r;
}

static void sort_by_address(struct symbol_table *table)
{
	for (size_t i = 0; i < table->entries.count; i++) {
		const struct binary_symbol *symbol = &table->entries.items[i].symbol;

		if (symbol->address && !symbol->is_thread_local)
			vector_push(&table->by_address, (uint32_t)i);
	}
	if (table->by_address.count)
		qsort_r(table->by_address.items, table->by_address.count, sizeof(uint32_t),
			compare_addresses, table->entries.items);
}

struct symbol_table *symbol_table_create(const struct symbol_source *sources, size_t count)
{
	CLEANUP(symbol_table_freep) struct symbol_table *table = calloc(1, sizeof(*table));

	if (!table || !(table->arena = arena_create()))
		return NULL;
	for (size_t i = 0; i < count; i++)
		for (uint64_t at = 0; span_fits(at, SYMBOL_SIZE, sources[i].symbols_size);
		     at += SYMBOL_SIZE)
			add_symbol(table, &sources[i], sources[i].symbols + at, (uint8_t)i);
	if (table->entries.count > UINT32_MAX)
		return NULL;
	sort_by_name(table);
	sort_by_address(table);
	if (table->entries.failed || table->by_address.failed)
		return NULL;
	return TAKE(table);
}

void symbol_table_free(struct symbol_table *table)
{
	if (!table)
		return;
	arena_free(table->arena);
	vector_release(&table->entries);
	vector_release(&table->by_address);
	free(table);
}

size_t symbol_table_count(const struct symbol_table *table)
{
	return table->entries.count;
}

const struct binary_symbol *symbol_table_get(const struct symbol_table *table, size_t index)
{
	return &table->entries.items[index].symbol;
}

/* Index of the first entry whose base name is not below name[0…size). */
static size_t lower_bound(const struct symbol_table *table, const char *name, size_t size)
{
	return count_leading(table->entries.count, i,
			     compare_base(&table->entries.items[i], name, size) < 0);
}

const struct binary_symbol *symbol_table_find(const struct symbol_table *table,
					      const char *name)
{
	size_t base_size = base_size_of(name);
	size_t at = lower_bound(table, name, base_size);
	bool is_suffixed = name[base_size] != '\0';

	for (; at < table->entries.count; at++) {
		const struct entry *entry = &table->entries.items[at];

		if (compare_base(entry, name, base_size))
			return NULL;
		if (!is_suffixed || !strcmp(entry->symbol.name, name))
			return &entry->symbol;
	}
	return NULL;
}

const struct binary_symbol *symbol_table_find_exported(const struct symbol_table *table,
						       const char *name)
{
	size_t base_size = base_size_of(name);
	const struct binary_symbol *found = NULL;

	for (size_t at = lower_bound(table, name, base_size); at < table->entries.count; at++) {
		const struct entry *entry = &table->entries.items[at];

		if (compare_base(entry, name, base_size))
			break;
		if (!entry->symbol.is_exported || strcmp(entry->symbol.name, name))
			continue;
		if (found && found->address != entry->symbol.address)
			return NULL;
		found = &entry->symbol;
	}
	return found;
}

static const struct binary_symbol *nth_by_address(const struct symbol_table *table, size_t n)
{
	return &table->entries.items[table->by_address.items[n]].symbol;
}

const struct binary_symbol *symbol_table_find_at(const struct symbol_table *table,
						 addr_t address)
{
	size_t below = count_leading(table->by_address.count, i,
				     nth_by_address(table, i)->address <= address);
	const struct binary_symbol *nearest;

	if (below == 0)
		return NULL;
	for (size_t i = below; i > 0 && below - i < MOST_WALKED; i--) {
		const struct binary_symbol *symbol = nth_by_address(table, i - 1);

		if (address - symbol->address < symbol->size)
			return symbol;
	}
	nearest = nth_by_address(table, below - 1);
	return nearest->size == 0 ? nearest : NULL;
}
