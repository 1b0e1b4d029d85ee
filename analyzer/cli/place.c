#include "cli/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

bool place_parse(const char *text, uint64_t *ret, struct error *err)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, hex ? 16 : 10);
	if (errno || *end || end == text || text[0] < '0' || text[0] > '9' ||
	    (hex && text[2] == '\0'))
		return error_set(err, ERROR_USAGE,
				 "'%s' is not an address: hex with 0x, or decimal", text);
	*ret = value;
	return true;
}

bool place_find(struct store *store, uint64_t address, struct store_parameter *ret,
		struct error *err)
{
	CLEANUP(store_rows_closep) struct store_rows *rows = NULL;

	ret[PLACE_ADDRESS] =
		(struct store_parameter){.name = "address", .integer = (int64_t)address};
	rows = store_query(store, "show_find", ret, 1, err);
	if (!rows || !store_rows_next(rows, err))
		return false;
	for (size_t i = PLACE_OBJECT; i < PLACES; i++)
		ret[i].integer = store_rows_value(rows, i - PLACE_OBJECT).integer;
	ret[PLACE_OBJECT].name = "object";
	ret[PLACE_BLOCK].name = "block";
	ret[PLACE_POOL].name = "pool";
	ret[PLACE_ARENA].name = "arena";
	ret[PLACE_MAPPING].name = "mapping";
	ret[PLACE_SYMBOL].name = "symbol";
	return true;
}

/* The owner of a block; 0 if it has none. */
static bool find_owner(struct store *store, const struct store_parameter *place, int64_t *ret,
		       struct error *err)
{
	CLEANUP(store_rows_closep)
	struct store_rows *rows =
		store_query(store, "block_owner", &place[PLACE_BLOCK], 1, err);

	if (!rows)
		return false;
	if (store_rows_next(rows, err))
		*ret = store_rows_value(rows, 0).integer;
	return err->kind == ERROR_NONE;
}

bool place_find_object(struct store *store, const char *text, struct store_parameter *ret,
		       struct error *err)
{
	struct store_parameter place[PLACES] = {{.name = NULL}};
	uint64_t address;

	if (!place_parse(text, &address, err) || !place_find(store, address, place, err))
		return false;
	if (!place[PLACE_OBJECT].integer &&
	    !find_owner(store, place, &place[PLACE_OBJECT].integer, err))
		return false;
	if (!place[PLACE_OBJECT].integer)
		return error_set(err, ERROR_INPUT,
				 "0x%" PRIx64 " is in no object and in no object's memory; "
				 "heapsect show says what is there",
				 address);
	*ret = place[PLACE_OBJECT];
	return true;
}
