/*
 * OFFSET SIZE MEANING                        (System V gABI, Elf64_Rela; 24 bytes)
 *      0    8 slot
 *      8    4 type: 1 R_X86_64_64, 6 R_X86_64_GLOB_DAT, 7 R_X86_64_JUMP_SLOT,
 *             8 R_X86_64_RELATIVE
 *     12    4 symbol number
 *     16    8 addend
 *
 * .relr.dyn is a row of 8-byte entries (gABI, "Relative relocations"): an even one is the
 * address of a slot, an odd one a bitmap of the 63 slots after the last one covered.
 */
#include "core/relocations.h"

#include "core/bytes.h"

#include <elf.h>
#include <stdlib.h>

#define RELA_SIZE   24u
#define SYMBOL_SIZE 24u

static const char *symbol_name(const struct symbol_source *dynamic, uint32_t number)
{
	uint64_t at = (uint64_t)number * SYMBOL_SIZE;

	if (!span_fits(at, SYMBOL_SIZE, dynamic->symbols_size))
		return NULL;
	return symbol_source_string(dynamic, load_u32(dynamic->symbols + at));
}

static bool is_pointer(uint32_t type)
{
	return type == R_X86_64_64 || type == R_X86_64_GLOB_DAT || type == R_X86_64_JUMP_SLOT ||
	       type == R_X86_64_RELATIVE;
}

void relocations_add_rela(struct relocations *list, const uint8_t *bytes, uint64_t size,
			  const struct symbol_source *dynamic)
{
	for (uint64_t at = 0; span_fits(at, RELA_SIZE, size); at += RELA_SIZE) {
		uint32_t type = load_u32(bytes + at + 8), number = load_u32(bytes + at + 12);
		struct binary_relocation relocation = {
			.slot = load_u64(bytes + at),
			.addend = load_u64(bytes + at + 16),
			.is_jump = type == R_X86_64_JUMP_SLOT,
		};

		if (!is_pointer(type))
			continue;
		if (number && type != R_X86_64_RELATIVE) {
			relocation.symbol = symbol_name(dynamic, number);
			if (!relocation.symbol)
				continue;
		}
		vector_push(list, relocation);
	}
}

static void add_relative(struct relocations *list, addr_t slot, const struct binary *binary)
{
	const uint8_t *bytes = binary_view(binary, slot, 8);
	struct binary_relocation relocation = {.slot = slot};

	if (!bytes)
		return;
	relocation.addend = load_u64(bytes);
	vector_push(list, relocation);
}

void relocations_add_relr(struct relocations *list, const uint8_t *bytes, uint64_t size,
			  const struct binary *binary)
{
	addr_t next = 0;

	for (uint64_t at = 0; span_fits(at, 8, size); at += 8) {
		uint64_t entry = load_u64(bytes + at);

		if (!(entry & 1)) {
			add_relative(list, entry, binary);
			next = entry + 8;
			continue;
		}
		for (unsigned bit = 1; bit < 64; bit++)
			if (entry >> bit & 1)
				add_relative(list, next + (bit - 1) * 8u, binary);
		next += 63 * 8u;
	}
}

static int compare(const void *left, const void *right)
{
	const struct binary_relocation *a = left, *b = right;

	return a->slot < b->slot ? -1 : a->slot > b->slot;
}

void relocations_finish(struct relocations *list)
{
	size_t kept = 0;

	// glibc's qsort merges, hence is stable, while memory lasts: equal slots keep their
	// order.
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare);
	vector_each (list, relocation) {
		if (kept && list->items[kept - 1].slot == relocation->slot)
			kept--;
		list->items[kept++] = *relocation;
	}
	list->count = kept;
}
