#include "heap/glibc_bins.h"

#include "core/bytes.h"

#define MOST_LINKS ((size_t)1 << 26)

struct links {
	addr_t next, previous;
};

static bool read_links(const struct glibc *glibc, addr_t chunk, size_t *hint, struct links *ret)
{
	const uint8_t *bytes =
		chunk % 8 ? NULL
			  : image_view(glibc->image, chunk + CHUNK_HEADER, BIN_SIZE, hint);

	if (!bytes)
		return false;
	ret->next = load_u64(bytes);
	ret->previous = load_u64(bytes + 8);
	return true;
}

/*
 * Follows a bin from its head.  0: it comes back; else the chunk whose links are damaged.  As
 * long as each chunk leads back to the one before, no loop can begin but at the head.
 */
static addr_t follow(const struct glibc *glibc, addr_t head)
{
	addr_t chunk = head, before;
	struct links links;
	size_t hint = 0;

	if (!read_links(glibc, head, &hint, &links))
		return head;
	for (size_t i = 0; i < MOST_LINKS; i++) {
		before = chunk;
		chunk = links.next;
		if (!read_links(glibc, chunk, &hint, &links))
			return before;
		if (links.previous != before)
			return chunk == head ? before : chunk;
		if (chunk == head)
			return 0;
	}
	return head;
}

void glibc_check_bins(struct glibc *glibc)
{
	vector_each (&glibc->arenas, arena) {
		addr_t bins = *arena + glibc->format->bins;

		for (uint32_t i = 0; i < BIN_COUNT; i++) {
			addr_t head = bins + i * BIN_SIZE - CHUNK_HEADER;
			addr_t damaged = follow(glibc, head);

			if (damaged)
				glibc_record_link(glibc, damaged,
						  "a bin's list of free chunks is damaged");
		}
	}
}
