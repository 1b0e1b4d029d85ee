/*
 * A set of 8-byte aligned addresses, one bit each, in chunks of one MiB that exist only
 * where the process has memory.  Adding and asking are O(1); once the set is frozen, the
 * rank of an address (how many members lie below it) is O(1) too.  That makes it the index
 * from addresses to object numbers: objects are numbered in address order.
 */
#ifndef BASE_ADDRESS_SET_H
#define BASE_ADDRESS_SET_H

#include "base/types.h"

struct address_set;

#define RANK_NONE UINT32_MAX

struct address_set *address_set_create(void);
void address_set_free(struct address_set *set);

/*
 * True if address was added, false if it was a member, is not 8-byte aligned, or memory
 * ran out (address_set_failed then says so, for good).
 */
bool address_set_add(struct address_set *set, addr_t address);
bool address_set_has(const struct address_set *set, addr_t address);
bool address_set_failed(const struct address_set *set);
size_t address_set_count(const struct address_set *set);

/* Makes ranks; no member may be added or removed afterwards.  False when out of memory. */
bool address_set_freeze(struct address_set *set);

/* 0 … count-1 in address order, or RANK_NONE for an address that is no member. */
uint32_t address_set_rank(const struct address_set *set, addr_t address);

/* Writes the members, ascending, to ret[address_set_count()].  Frozen sets only. */
void address_set_list(const struct address_set *set, addr_t *ret);

/* The largest member at or below address; false if there is none.  Frozen sets only. */
bool address_set_floor(const struct address_set *set, addr_t address, addr_t *ret);

#endif
