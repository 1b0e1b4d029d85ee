/*
 * Which pages of a process exist, from /proc/PID/pagemap.
 */
#ifndef CORE_PAGEMAP_H
#define CORE_PAGEMAP_H

#include "base/types.h"
#include "base/vector.h"

struct address_ranges {
	struct address_range *items;
	size_t count, capacity;
	bool failed;
};

/* Joins the range with the last one if they touch. */
void ranges_add(struct address_ranges *list, addr_t start, addr_t end);

/*
 * Adds the pages of private anonymous memory that were ever touched; all of them if the
 * pagemap (a descriptor, or -1) cannot be read.
 */
void pagemap_find_touched(int pagemap, struct address_range range, struct address_ranges *ret);

/* Is the page there only to fail?  False where the kernel does not tell. */
bool pagemap_is_guard(int pagemap, addr_t page);

/* True if a page of a private file mapping is no longer the file's, or nobody can say. */
bool pagemap_was_written(int pagemap, struct address_range range);

#endif
