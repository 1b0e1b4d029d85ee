#include "heap/glibc_mapped.h"

#include "core/bytes.h"
#include "heap/debug_pads.h"

#include <stdlib.h>

#define SMALLEST_ALIGNMENT 32u /* that moves a chunk within its mapping */
#define HUGE_PAGES         1u  /* in a mapped chunk's prev_size, since 2.42 */
/* Bytes below which malloc maps nothing of its own accord: M_MMAP_THRESHOLD's default. */
#define USUAL_THRESHOLD ((uint64_t)128 << 10)

/* What looks like a mapped chunk's first page. */
struct candidate {
	addr_t address;
	uint64_t size, whole; /* bytes: as the chunk has it, of the mapping */
	bool is_chance;
};

/* How the sizes of mapped chunks are written: one way in a process. */
enum form {
	FORM_ANY,
	FORM_WHOLE,  /* up to 2.41: the size is the mapping's */
	FORM_WITHOUT /* since then: without the header */
};

struct search {
	const struct glibc *glibc;
	enum form form;
	const struct heap_visitor *visitor;
	VECTOR_OF(struct candidate) found; /* ascending */
	const struct glibc_extents *arenas;
	size_t arena; /* first that ends above the search */
	uint64_t count, bytes;
	bool is_drifting; /* malloc's own sum of bytes may be too high */
	size_t hint;
};

/*
 * Up to 2.41 a chunk's size is its mapping's, and its user gets all but the header.  Since then
 * 16 bytes are left out of the size, and 8 more are no one's, as in an arena.
 */
static uint64_t mapping_size(uint64_t chunk_size)
{
	if (chunk_size % PAGE_SIZE_BYTES == 0)
		return chunk_size;
	return (chunk_size + CHUNK_HEADER) % PAGE_SIZE_BYTES == 0 ? chunk_size + CHUNK_HEADER
								  : 0;
}

/* True if `size` bytes of private memory follow: dumped or not, the mappings say. */
static bool has_memory(const struct glibc *glibc, addr_t address, uint64_t size)
{
	while (size) {
		const struct image_mapping *mapping = image_mapping_at(glibc->image, address);
		uint64_t part;

		if (!mapping || !is_anonymous(mapping))
			return false;
		part = mapping->range.end - address;
		if (part >= size)
			return true;
		address += part;
		size -= part;
	}
	return true;
}

/* Bytes of the mapping whose first chunk header this is; 0: it is none. */
static uint64_t mapped_size(const struct glibc *glibc, addr_t address, const uint8_t *bytes)
{
	uint64_t size = load_u64(bytes + 8), whole;

	if ((size & CHUNK_FLAGS) != CHUNK_MAPPED)
		return 0;
	size &= ~(uint64_t)CHUNK_FLAGS;
	whole = mapping_size(size);
	/* An int that happens to be such a size comes after a 1, too. */
	if (load_u64(bytes) & ~(uint64_t)(size == whole ? 0 : HUGE_PAGES))
		return 0;
	return whole && has_memory(glibc, address, whole) ? whole : 0;
}

/* Where an aligned block was asked for, the chunk begins later in its mapping. */
static addr_t find_chunk(const struct glibc *glibc, addr_t address, uint64_t whole)
{
	for (uint64_t alignment = SMALLEST_ALIGNMENT; alignment < whole; alignment *= 2) {
		addr_t user =
			(address + CHUNK_HEADER + alignment - 1) & ~(addr_t)(alignment - 1);
		uint64_t lead = user - CHUNK_HEADER - address;
		struct chunk_header header;

		if (lead && lead < whole &&
		    image_read(glibc->image, address + lead, &header, sizeof(header)) &&
		    (header.previous_size & ~(uint64_t)HUGE_PAGES) == lead &&
		    (header.size & CHUNK_FLAGS) == CHUNK_MAPPED &&
		    mapping_size(chunk_size(&header) + lead) == whole)
			return address + lead;
	}
	return address;
}

static void report(struct search *search, const struct candidate *found)
{
	addr_t chunk = find_chunk(search->glibc, found->address, found->whole);
	struct block_report block = {
		.address = chunk + CHUNK_HEADER,
		.size = found->size - (chunk - found->address) -
			(found->size == found->whole ? CHUNK_HEADER : CHUNK_OVERHEAD),
		.state = BLOCK_USED,
		.place = BLOCK_MAPPED,
	};
	const uint8_t *bytes =
		image_view(search->glibc->image, block.address, block.size, &search->hint);

	if (bytes && debug_pads_may_begin(bytes))
		debug_pads_read(&block, bytes, false);
	if (search->visitor->block)
		search->visitor->block(search->visitor->context, &block);
}

static void take(struct search *search, addr_t address, uint64_t size, uint64_t whole)
{
	vector_push(&search->found, ((struct candidate){address, size, whole, false}));
	search->count++;
	search->bytes += whole;
	search->is_drifting |= size != whole;
}

uint64_t glibc_mapped_size(const struct glibc *glibc, addr_t address)
{
	size_t hint = 0;
	const uint8_t *bytes = image_view(glibc->image, address, CHUNK_HEADER, &hint);

	return bytes ? mapped_size(glibc, address, bytes) : 0;
}

/* The arena that has the address, or NULL; addresses come in ascending order. */
static const struct address_range *arena_at(struct search *search, addr_t address)
{
	const struct glibc_extents *arenas = search->arenas;

	while (search->arena < arenas->count && arenas->items[search->arena].end <= address)
		search->arena++;
	return search->arena < arenas->count && arenas->items[search->arena].start <= address
		       ? &arenas->items[search->arena]
		       : NULL;
}

/* Returns the page to go on at: a mapped chunk may reach over several segments. */
static addr_t search_segment(struct search *search, const struct image_segment *segment,
			     addr_t address)
{
	addr_t end = segment->start + segment->size;

	while (address < end && end - address >= CHUNK_HEADER) {
		const struct address_range *arena = arena_at(search, address);
		const uint8_t *bytes = segment->bytes + (address - segment->start);
		uint64_t whole = arena ? 0 : mapped_size(search->glibc, address, bytes);
		uint64_t size = load_u64(bytes + 8) & ~(uint64_t)CHUNK_FLAGS;

		if (search->form != FORM_ANY && (search->form == FORM_WHOLE) != (size == whole))
			whole = 0;
		if (whole)
			take(search, address, size, whole);
		if (arena)
			address = page_ceiling(arena->end);
		else
			address += whole ? whole : PAGE_SIZE_BYTES;
	}
	return address;
}

static bool may_have_mapped(const struct image *image, const struct image_segment *segment)
{
	const struct image_mapping *mapping = image_mapping_at(image, segment->start);

	return segment->writable && mapping && is_anonymous(mapping);
}

/* The first page that can have one: a mapping beside a library's bss is one with it. */
static addr_t first_page(const struct image *image, const struct image_segment *segment)
{
	const struct image_file *file = image_file_at(image, segment->start);

	return page_ceiling(file ? file->span.end : segment->start);
}

/*
 * Where a size leaves 16 bytes of its mapping out, malloc counts them once more each time that
 * it has a mapping moved (mremap).
 */
static bool agrees(const struct search *search)
{
	uint64_t told = search->glibc->mapped_bytes;

	return search->count == search->glibc->mapped_count &&
	       (search->bytes == told || (search->is_drifting && search->bytes < told &&
					  (told - search->bytes) % CHUNK_HEADER == 0));
}

static int compare_wholes(const void *left, const void *right)
{
	const struct candidate *const *a = left, *const *b = right;

	return (*a)->whole < (*b)->whole ? -1 : (*a)->whole > (*b)->whole;
}

/* Takes the smallest `more` candidates for chance, if what is left is what malloc counts. */
static void leave_out(struct search *search, struct candidate **by_size, uint64_t more)
{
	struct search rest = *search;

	for (uint64_t i = 0; i < more; i++) {
		if (by_size[i]->whole >= USUAL_THRESHOLD)
			return;
		rest.count--;
		rest.bytes -= by_size[i]->whole;
	}
	if (!agrees(&rest))
		return;
	for (uint64_t i = 0; i < more; i++)
		by_size[i]->is_chance = true;
	*search = rest;
}

/*
 * Any page of data may begin like a small chunk.  Where there are more than malloc counts, the
 * smallest are not, if malloc's sum is that of the others.
 */
static void leave_out_chance(struct search *search)
{
	uint64_t count = search->found.count;
	struct candidate **by_size;

	if (!search->glibc->has_parameters || count <= search->glibc->mapped_count)
		return;
	by_size = malloc(count * sizeof(*by_size));
	for (uint64_t i = 0; by_size && i < count; i++)
		by_size[i] = &search->found.items[i];
	if (by_size) {
		qsort(by_size, count, sizeof(*by_size), compare_wholes);
		leave_out(search, by_size, count - search->glibc->mapped_count);
	}
	free(by_size);
}

static void search_all(struct search *search, enum form form)
{
	const struct image *image = search->glibc->image;
	addr_t address = 0;

	search->form = form;
	search->arena = 0;
	search->found.count = 0;
	search->count = search->bytes = 0;
	search->is_drifting = false;
	for (size_t i = 0; i < image_segment_count(image); i++) {
		const struct image_segment *segment = image_segment(image, i);

		if (!may_have_mapped(image, segment))
			continue;
		if (address < first_page(image, segment))
			address = first_page(image, segment);
		address = search_segment(search, segment, address);
	}
}

/* What looks like a chunk of the other form is data, and may have hidden what it reached over. */
static void search_forms(struct search *search)
{
	static const enum form forms[] = {FORM_ANY, FORM_WHOLE, FORM_WITHOUT, FORM_ANY};

	for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
		search_all(search, forms[i]);
		if (!search->glibc->has_parameters || agrees(search))
			break;
	}
}

void glibc_each_mapped(const struct glibc *glibc, const struct glibc_extents *arenas,
		       const struct heap_visitor *visitor)
{
	struct search search = {.glibc = glibc, .visitor = visitor, .arenas = arenas};

	search_forms(&search);
	leave_out_chance(&search);
	vector_each (&search.found, candidate)
		if (!candidate->is_chance)
			report(&search, candidate);
	vector_release(&search.found);
	if (glibc->has_parameters && !agrees(&search))
		anomaly_record(glibc->anomalies, GLIBC_STAGE, 0,
			       "the chunks with mappings of their own are not those that "
			       "malloc counts");
}
