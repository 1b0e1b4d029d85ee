/*
 * OFFSET SIZE MEANING          (Linux 6.1, Documentation/admin-guide/mm/pagemap.rst)
 * /proc/PID/pagemap, 8 bytes a page:
 *    bit 61 the page belongs to a file, or is shared
 *    bit 62 the page is in swap
 *    bit 63 the page is in memory
 */
#include "core/pagemap.h"

#include "core/bytes.h"

#include <unistd.h>

#define PAGES_AT_ONCE 512u

void ranges_add(struct address_ranges *list, addr_t start, addr_t end)
{
	struct address_range range = {start, end};
	struct address_range *last = list->count ? &list->items[list->count - 1] : NULL;

	if (last && last->end == start)
		last->end = end;
	else
		vector_push(list, range);
}

/* The entries of the first pages of a range, as many as could be read. */
static size_t read_entries(int pagemap, struct address_range range, uint64_t *ret)
{
	uint64_t pages = (range.end - range.start) / PAGE_SIZE_BYTES;
	ssize_t got = -1;

	if (pages > PAGES_AT_ONCE)
		pages = PAGES_AT_ONCE;
	if (pagemap >= 0)
		got = pread(pagemap, ret, pages * 8,
			    (off_t)(range.start / PAGE_SIZE_BYTES * 8));
	return got > 0 ? (size_t)got / 8 : 0;
}

static bool exists(uint64_t entry)
{
	return entry >> 62;
}

static bool is_of_file(uint64_t entry)
{
	return entry >> 61 & 1;
}

void pagemap_find_touched(int pagemap, struct address_range range, struct address_ranges *ret)
{
	uint64_t entries[PAGES_AT_ONCE];

	while (range.start < range.end) {
		size_t got = read_entries(pagemap, range, entries);

		if (got == 0) {
			ranges_add(ret, range.start, range.end);
			return;
		}
		for (size_t i = 0; i < got; i++, range.start += PAGE_SIZE_BYTES)
			if (exists(entries[i]))
				ranges_add(ret, range.start, range.start + PAGE_SIZE_BYTES);
	}
}

bool pagemap_was_written(int pagemap, struct address_range range)
{
	uint64_t entries[PAGES_AT_ONCE];

	while (range.start < range.end) {
		size_t got = read_entries(pagemap, range, entries);

		if (got == 0)
			return true;
		for (size_t i = 0; i < got; i++)
			if (exists(entries[i]) && !is_of_file(entries[i]))
				return true;
		range.start += got * PAGE_SIZE_BYTES;
	}
	return false;
}
