/*
 * The words every module speaks.  Knows nothing of cores, heaps or runtimes.
 */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include "base/banned.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address in the dissected process.  Never a pointer of ours. */
typedef uint64_t addr_t;

/* Bytes from start up to, not including, end. */
struct address_range {
	addr_t start;
	addr_t end;
};

static inline bool range_has(struct address_range range, addr_t address)
{
	return address >= range.start && address < range.end;
}

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
