/*
 * The dynamic relocations that put a pointer into data, from the bytes of .rela.dyn,
 * .rela.plt and .relr.dyn.
 */
#ifndef CORE_RELOCATIONS_H
#define CORE_RELOCATIONS_H

#include "base/types.h"
#include "base/vector.h"
#include "core/binary.h"
#include "core/symbols.h"

struct relocations {
	struct binary_relocation *items;
	size_t count, capacity;
	bool failed;
};

/* `dynamic` is what the relocations' symbol numbers count in. */
void relocations_add_rela(struct relocations *list, const uint8_t *bytes, uint64_t size,
			  const struct symbol_source *dynamic);

/* The pointers' own bytes in `binary` are the addends. */
void relocations_add_relr(struct relocations *list, const uint8_t *bytes, uint64_t size,
			  const struct binary *binary);

/* By slot; of several at one slot the last one added stays, as the loader would have it. */
void relocations_finish(struct relocations *list);

#endif
