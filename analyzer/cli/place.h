/*
 * Where an address lies, for the commands that take one.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "store/store.h"

/* As parameters of a report: the address, and ids, 0 for none. */
enum {
	PLACE_ADDRESS,
	PLACE_OBJECT,
	PLACE_BLOCK,
	PLACE_POOL,
	PLACE_ARENA,
	PLACE_MAPPING,
	PLACE_SYMBOL,
	PLACES
};

/* Hex with 0x, or decimal; ERROR_USAGE. */
bool place_parse(const char *text, uint64_t *ret, struct error *err);

/* ret has PLACES elements. */
bool place_find(struct store *store, uint64_t address, struct store_parameter *ret,
		struct error *err);

/*
 * The object at an address, or that owns the block there, as the parameter :object; ERROR_INPUT
 * if there is none.
 */
bool place_find_object(struct store *store, const char *text, struct store_parameter *ret,
		       struct error *err);

#endif
