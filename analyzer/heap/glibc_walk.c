#include "heap/glibc_walk.h"

#include "base/search.h"
#include "core/bytes.h"
#include "heap/debug_pads.h"
#include "heap/glibc_mapped.h"

#define SURE_CHUNKS 8u  /* that fit together are no accident */
#define FENCE       16u /* size of a chunk that marks a region's end */
#define FENCE_BYTES 32u /* both of them */

/* Why a walk stopped. */
enum stop {
	STOP_TOP,     /* after the top chunk */
	STOP_FENCE,   /* at a fence: the arena goes on elsewhere */
	STOP_LIMIT,   /* at the end of memory */
	STOP_DAMAGE,  /* at a chunk whose size cannot be */
	STOP_MISSING, /* at a chunk that is not in the dump */
};

struct walk {
	const struct glibc *glibc;
	const struct glibc_region *region;
	const struct heap_visitor *visitor;  /* NULL: only look */
	const struct image_segment *segment; /* the last one read, or NULL */
	const addr_t *cached, *cached_end;   /* those at or above the walk */
	const addr_t *damaged, *damaged_end; /* the same */
	addr_t top;                          /* the arena's; 0 once it has proved wrong */
	addr_t previous;                     /* the last chunk before the stop; 0: none */
	addr_t last;                         /* the last one reported; 0: none */
	struct arena_report arena;
	struct glibc_extents *extents;
};

/* Segments end at pages, headers never lie across. */
static inline bool read_header(struct walk *walk, addr_t address, struct chunk_header *ret)
{
	const struct image_segment *segment = walk->segment;

	if (!segment || address - segment->start >= segment->size) {
		segment = image_segment_at(walk->glibc->image, address);
		if (!segment)
			return false;
		walk->segment = segment;
	}
	if (segment->size - (address - segment->start) < sizeof(*ret))
		return false;
	memcpy(ret, segment->bytes + (address - segment->start), sizeof(*ret));
	return true;
}

/* No chunk goes beyond it: the top begins where the last chunk ends. */
static inline addr_t bound_of(const struct walk *walk, addr_t address)
{
	return address < walk->top && walk->top < walk->region->limit ? walk->top
								      : walk->region->limit;
}

static inline bool is_sound(const struct walk *walk, addr_t address,
			    const struct chunk_header *header)
{
	uint64_t size = chunk_size(header);
	uint64_t wrong = CHUNK_MAPPED | (walk->region->is_main ? CHUNK_NON_MAIN : 0u);

	return size >= CHUNK_SMALLEST && !(size % CHUNK_ALIGNMENT) && !(header->size & wrong) &&
	       size <= bound_of(walk, address) - address;
}

/* A region that the arena left ends with a chunk of 16 bytes, and one of 16 or, in a heap, 0.
 */
static bool is_fence(struct walk *walk, addr_t address, const struct chunk_header *header)
{
	struct chunk_header next;

	if (chunk_size(header) != FENCE || header->size & CHUNK_MAPPED ||
	    !read_header(walk, address + FENCE, &next))
		return false;
	return next.size == ((walk->region->is_main ? FENCE : 0u) | CHUNK_PREV_USED);
}

static void report(struct walk *walk, const struct block_report *block)
{
	if (block->state == BLOCK_USED)
		walk->arena.used += block->size;
	else
		walk->arena.free += block->size;
	if (walk->visitor->block)
		walk->visitor->block(walk->visitor->context, block);
}

/* Walk and list both ascend. */
static inline bool is_cached(struct walk *walk, addr_t user)
{
	while (walk->cached < walk->cached_end && *walk->cached < user)
		walk->cached++;
	return walk->cached < walk->cached_end &&
	       (*walk->cached & ~(addr_t)CACHED_FASTBIN) == user;
}

/* Only where all of the block is in the segment that was read last. */
static inline void read_pads(const struct walk *walk, struct block_report *block)
{
	const struct image_segment *segment = walk->segment;
	uint64_t offset = block->address - segment->start;

	if (block->size >= PAD_BYTES_BEFORE + PAD_BYTES_AFTER && offset < segment->size &&
	    block->size <= segment->size - offset &&
	    debug_pads_may_begin(segment->bytes + offset))
		debug_pads_read(block, segment->bytes + offset, false);
}

#define WROTE_PAST_ITS_END \
	"a block lies before a damaged chunk: likely it was written past its end"

/* Links of a free chunk at the walk's place were written over: by its user, or from before. */
static void record_before(struct walk *walk, addr_t address)
{
	if (*walk->damaged == address && walk->last)
		anomaly_record(walk->glibc->anomalies, GLIBC_STAGE, walk->last + CHUNK_HEADER,
			       WROTE_PAST_ITS_END);
	while (walk->damaged < walk->damaged_end && *walk->damaged <= address)
		walk->damaged++;
}

static inline void report_chunk(struct walk *walk, addr_t address, uint64_t size, bool used)
{
	struct block_report block = {.address = address + CHUNK_HEADER,
				     .size = size - CHUNK_OVERHEAD,
				     .state = BLOCK_FREE};

	if (!walk->visitor)
		return;
	if (used && is_cached(walk, block.address)) {
		block.state = BLOCK_CACHED;
		if (*walk->cached & CACHED_FASTBIN)
			block.place = BLOCK_FASTBIN;
	} else if (used) {
		block.state = BLOCK_USED;
		read_pads(walk, &block);
	}
	if (walk->damaged < walk->damaged_end && *walk->damaged <= address)
		record_before(walk, address);
	walk->last = address;
	report(walk, &block);
}

static void report_top(struct walk *walk, addr_t address, uint64_t size)
{
	/* No chunk after it has its last 8 bytes. */
	struct block_report block = {.address = address + CHUNK_HEADER,
				     .size = size - CHUNK_HEADER,
				     .state = BLOCK_FREE,
				     .place = BLOCK_TOP};

	if (walk->visitor)
		report(walk, &block);
}

/* Memory is got from the system in pages. */
static bool is_top(const struct walk *walk, addr_t address, const struct chunk_header *header)
{
	return is_sound(walk, address, header) &&
	       (address + chunk_size(header)) % PAGE_SIZE_BYTES == 0;
}

/*
 * The arena says that the top is here, and the chunk does not look like one.  Where chunks lead
 * up to it only its size is wrong, and it goes up to the limit; else the arena is wrong.
 */
static bool is_damaged_top(struct walk *walk, addr_t address, const struct chunk_header *header)
{
	bool is_here = walk->previous && !is_sound(walk, address, header);

	if (walk->visitor)
		anomaly_record(walk->glibc->anomalies, GLIBC_STAGE, address,
			       is_here ? "the top chunk's size is damaged"
				       : "an arena's top chunk is none");
	if (walk->visitor && is_here)
		anomaly_record(walk->glibc->anomalies, GLIBC_STAGE,
			       walk->previous + CHUNK_HEADER, WROTE_PAST_ITS_END);
	if (!is_here)
		walk->top = 0;
	return is_here;
}

/* True if the walk stops at the top, *address then being behind it. */
static bool stops_at_top(struct walk *walk, addr_t *address, const struct chunk_header *header)
{
	addr_t end = *address + chunk_size(header);

	if (!is_top(walk, *address, header)) {
		if (!is_damaged_top(walk, *address, header))
			return false;
		end = walk->region->limit;
		if (end - *address < CHUNK_SMALLEST)
			return false;
	}
	report_top(walk, *address, end - *address);
	*address = end;
	return true;
}

/* A free chunk has its size at its end, too. */
static bool fits(const struct chunk_header *header, const struct chunk_header *next)
{
	return next->size & CHUNK_PREV_USED || next->previous_size == chunk_size(header);
}

static bool begins_run(struct walk *walk, addr_t address)
{
	struct chunk_header header, next;

	if (!read_header(walk, address, &header))
		return false;
	for (uint32_t i = 0; i < SURE_CHUNKS; i++) {
		if (!is_sound(walk, address, &header))
			return i && is_fence(walk, address, &header);
		if (address == walk->top)
			return true;
		address += chunk_size(&header);
		if (!read_header(walk, address, &next) || !fits(&header, &next))
			return false;
		header = next;
	}
	return true;
}

/* Every step goes up, so all searches of a region together are one pass over it. */
static bool next_run(struct walk *walk, addr_t *address)
{
	struct chunk_header header;

	while (*address < walk->region->limit) {
		uint64_t mapped = *address % PAGE_SIZE_BYTES
					  ? 0
					  : glibc_mapped_size(walk->glibc, *address);

		if (mapped) {
			*address += mapped;
			continue;
		}
		if (*address == walk->top || begins_run(walk, *address))
			return true;
		if (read_header(walk, *address, &header))
			*address += CHUNK_ALIGNMENT;
		else
			*address = page_floor(*address) + PAGE_SIZE_BYTES;
	}
	return false;
}

/* Follows chunks from the address on to the first that starts at or above `end`, or fails. */
static addr_t follow(struct walk *walk, addr_t address, addr_t end)
{
	struct chunk_header header;

	while (address < end && read_header(walk, address, &header) &&
	       is_sound(walk, address, &header))
		address += chunk_size(&header);
	return address;
}

/*
 * True if the chunk's size leads over others, whose run crosses its end; *end becomes where
 * that begins.  A run that stops there is what an earlier use of a sound chunk left in it.
 */
static bool is_overlong(struct walk *walk, addr_t address, addr_t *end)
{
	struct walk look = {.glibc = walk->glibc, .region = walk->region, .top = walk->top};

	address += CHUNK_SMALLEST;
	while (address < *end && next_run(&look, &address) && address < *end) {
		addr_t stop = follow(&look, address, *end);

		if (stop > *end) {
			*end = address;
			return true;
		}
		address = stop + CHUNK_ALIGNMENT;
	}
	return false;
}

/* What comes after a chunk is another, the top or a fence; else it may be too long. */
static bool shorten(struct walk *walk, addr_t address, addr_t *end,
		    const struct chunk_header *next)
{
	if (!walk->visitor || *end == walk->top || is_sound(walk, *end, next) ||
	    is_fence(walk, *end, next) || !is_overlong(walk, address, end))
		return false;
	anomaly_record(walk->glibc->anomalies, GLIBC_STAGE, address,
		       "a chunk's size leads into the middle of another");
	return true;
}

/* Leaves *address at the first byte that was not understood. */
static enum stop walk_run(struct walk *walk, addr_t *address)
{
	struct chunk_header header, next;

	walk->previous = 0;
	if (!read_header(walk, *address, &header))
		return STOP_MISSING;
	for (;;) {
		bool is_short = false;
		addr_t end;

		if (*address == walk->top && stops_at_top(walk, address, &header))
			return STOP_TOP;
		if (!is_sound(walk, *address, &header))
			return is_fence(walk, *address, &header) ? STOP_FENCE : STOP_DAMAGE;
		end = *address + chunk_size(&header);
		if (read_header(walk, end, &next))
			is_short = shorten(walk, *address, &end, &next);
		walk->previous = *address;
		if (end == walk->region->limit || !read_header(walk, end, &next)) {
			bool is_last = end == walk->region->limit;

			/* Only a top ends with the memory. */
			if (is_last && !walk->top && walk->region->top)
				report_top(walk, *address, end - *address);
			else
				report_chunk(walk, *address, end - *address, true);
			*address = end;
			return is_last ? STOP_LIMIT : STOP_MISSING;
		}
		report_chunk(walk, *address, end - *address,
			     is_short || next.size & CHUNK_PREV_USED);
		*address = end;
		header = next;
	}
}

bool glibc_has_chunk(const struct glibc *glibc, const struct glibc_region *region,
		     addr_t address)
{
	struct walk walk = {.glibc = glibc, .region = region, .top = region->top};
	struct chunk_header header;

	return read_header(&walk, address, &header) && is_sound(&walk, address, &header);
}

bool glibc_begins_run(const struct glibc *glibc, const struct glibc_region *region,
		      addr_t address)
{
	struct walk walk = {.glibc = glibc, .region = region, .top = region->top};

	return begins_run(&walk, address);
}

bool glibc_next_run(const struct glibc *glibc, const struct glibc_region *region,
		    addr_t *address)
{
	struct walk walk = {.glibc = glibc, .region = region, .top = region->top};

	return next_run(&walk, address);
}

bool glibc_is_run(const struct glibc *glibc, const struct glibc_region *region)
{
	struct walk walk = {.glibc = glibc, .region = region, .top = region->top};
	addr_t address = region->start;
	enum stop stop;

	if (!begins_run(&walk, address))
		return false;
	stop = walk_run(&walk, &address);
	return stop == STOP_TOP || stop == STOP_FENCE;
}

/* Memory that malloc mapped where the break could not be moved stays as it is. */
static enum arena_end end_of(const struct walk *walk)
{
	const struct glibc *glibc = walk->glibc;

	if (!walk->region->is_main)
		return END_HEAP;
	return !glibc->has_parameters || walk->region->start == chunk_align(glibc->first_break)
		       ? END_BREAK
		       : END_STAYS;
}

static void end_arena(struct walk *walk, addr_t end)
{
	walk->arena.end = (uint8_t)end_of(walk);
	walk->arena.size = end - walk->arena.address;
	vector_push(walk->extents, ((struct address_range){walk->arena.address, end}));
	if (walk->visitor->arena)
		walk->visitor->arena(walk->visitor->context, &walk->arena);
	walk->arena = (struct arena_report){0};
}

static void record(const struct walk *walk, enum stop stop, addr_t address)
{
	struct anomalies *anomalies = walk->glibc->anomalies;

	if (stop == STOP_MISSING) {
		anomaly_record(anomalies, GLIBC_STAGE, address, "a chunk is not in the dump");
		return;
	}
	anomaly_record(anomalies, GLIBC_STAGE, address, "a chunk's header is damaged");
	if (walk->previous)
		anomaly_record(anomalies, GLIBC_STAGE, walk->previous + CHUNK_HEADER,
			       WROTE_PAST_ITS_END);
}

/*
 * What follows the top or a fence of the main arena may be another region of it, or anything:
 * only chunks up to a top or a fence count.  What fails is not tried again from its middle.
 */
static bool goes_on(struct walk *walk, enum stop stop, addr_t *address)
{
	struct walk look = {.glibc = walk->glibc, .region = walk->region, .top = walk->top};

	if (!walk->region->is_main || stop == STOP_LIMIT)
		return false;
	while (next_run(&look, address)) {
		addr_t end = *address;

		stop = walk_run(&look, &end);
		if (stop == STOP_TOP || stop == STOP_FENCE)
			return true;
		*address = chunk_align(end) + CHUNK_ALIGNMENT;
	}
	return false;
}

/* Points both lists at what is in the region. */
static void find_lists(struct walk *walk)
{
	const struct glibc *glibc = walk->glibc;
	addr_t start = walk->region->start;

	walk->cached = walk->cached_end = glibc->cached.items;
	if (glibc->cached.count) {
		walk->cached_end += glibc->cached.count;
		walk->cached +=
			count_leading(glibc->cached.count, i, glibc->cached.items[i] < start);
	}
	walk->damaged = walk->damaged_end = glibc->damaged.items;
	if (glibc->damaged.count) {
		walk->damaged_end += glibc->damaged.count;
		walk->damaged +=
			count_leading(glibc->damaged.count, i, glibc->damaged.items[i] < start);
	}
}

void glibc_walk_region(const struct glibc *glibc, const struct glibc_region *region,
		       const struct heap_visitor *visitor, struct glibc_extents *ret)
{
	struct walk walk = {.glibc = glibc,
			    .extents = ret,
			    .region = region,
			    .top = region->top,
			    .visitor = visitor,
			    .arena = {.address = region->address}};
	addr_t address = region->start;

	find_lists(&walk);
	while (address < region->limit) {
		enum stop stop = walk_run(&walk, &address);

		if (stop == STOP_DAMAGE || stop == STOP_MISSING) {
			record(&walk, stop, address);
			address += CHUNK_ALIGNMENT;
			if (next_run(&walk, &address))
				continue;
			address = region->limit;
			break;
		}
		if (stop == STOP_FENCE)
			address += FENCE_BYTES;
		end_arena(&walk, address);
		if (!goes_on(&walk, stop, &address))
			return;
		walk.arena.address = address;
	}
	end_arena(&walk, address);
}
