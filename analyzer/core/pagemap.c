/*
 * OFFSET SIZE MEANING          (Linux 6.1, Documentation/admin-guide/mm/pagemap.rst)
 * /proc/PID/pagemap, 8 bytes a page:
 *    bit 58 the page is a guard: any access to it fails (Linux 6.15)
 *    bit 61 the page belongs to a file, or is shared
 *    bit 62 the page is in swap
 *    bit 63 the page is in memory
 *
 * Linux 6.7 added the ioctl PAGEMAP_SCAN, which skips what does not exist: the shadow memory
 * of a sanitized process is 16 TiB, of which a few MiB do.
 */
#include "core/pagemap.h"

#include "core/bytes.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define PAGES_AT_ONCE    512u
#define REGIONS_AT_ONCE  128u
#define CATEGORY_PRESENT (1u << 3)
#define CATEGORY_SWAPPED (1u << 4)

/* As in <linux/fs.h>, which may be older than the kernel. */
struct scanned_region {
	uint64_t start, end, categories;
};

struct scan_request {
	uint64_t size, flags, start, end, walk_end, regions, region_count, most_pages;
	uint64_t inverted, all_of, any_of, returned;
};

#define SCAN_REQUEST _IOWR('f', 16, struct scan_request)

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

/* Adds what it finds and moves range->start; false where the kernel cannot do it. */
static bool scan(int pagemap, struct address_range *range, struct address_ranges *ret)
{
	struct scanned_region regions[REGIONS_AT_ONCE];
	struct scan_request request = {
		.size = sizeof(request),
		.regions = (uintptr_t)regions,
		.region_count = REGIONS_AT_ONCE,
		.end = range->end,
		.any_of = CATEGORY_PRESENT | CATEGORY_SWAPPED,
		.returned = CATEGORY_PRESENT,
	};

	while (range->start < range->end) {
		int found;

		request.start = range->start;
		found = ioctl(pagemap, SCAN_REQUEST, &request);
		if (found < 0 || request.walk_end <= range->start)
			return false;
		for (int i = 0; i < found; i++)
			ranges_add(ret, regions[i].start, regions[i].end);
		range->start = request.walk_end;
	}
	return true;
}

void pagemap_find_touched(int pagemap, struct address_range range, struct address_ranges *ret)
{
	uint64_t entries[PAGES_AT_ONCE];

	if (scan(pagemap, &range, ret))
		return;
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

bool pagemap_is_guard(int pagemap, addr_t page)
{
	uint64_t entry;

	return read_entries(pagemap, (struct address_range){page, page + PAGE_SIZE_BYTES},
			    &entry) &&
	       entry >> 58 & 1;
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
