#include "heap/glibc_find.h"

#include "core/bytes.h"
#include "heap/glibc_arenas.h"
#include "heap/glibc_walk.h"

#define FEWEST_SOUND_BINS 96u /* of 127: damage to some must not hide the arena */

#define MOST_LIMIT        ((uint64_t)1 << 40) /* bytes, of any that makes sense */
#define MOST_ARENAS_TEST  ((uint64_t)1 << 16) /* arena_test and arena_max */
#define MOST_CACHED       ((uint64_t)1 << 16) /* blocks of one size in a tcache */
#define USUAL_MOST_MAPPED 65536u              /* n_mmaps_max, unless mallopt changed it */

static const struct arena_format formats[] = {
	{.bins = 112, .fastbins = 16, .fastbin_count = 10},
	{.bins = 24, .fastbin_count = 0},
};

/* A list head is sound if it points at itself, or its neighbours point back. */
static bool is_sound_bin(const struct glibc *glibc, addr_t bin)
{
	addr_t head = bin - CHUNK_HEADER, next, previous, back, forth;

	if (!image_read_u64(glibc->image, bin, &next) ||
	    !image_read_u64(glibc->image, bin + 8, &previous))
		return false;
	if (next == head && previous == head)
		return true;
	return image_read_u64(glibc->image, next + CHUNK_HEADER + 8, &back) && back == head &&
	       image_read_u64(glibc->image, previous + CHUNK_HEADER, &forth) && forth == head;
}

static uint32_t sound_bins(const struct glibc *glibc, addr_t bins)
{
	uint32_t sound = 0;

	for (uint32_t i = 0; i < BIN_COUNT; i++)
		sound += is_sound_bin(glibc, bins + i * BIN_SIZE);
	return sound;
}

/* The ring of arenas comes back to the start of the struct: that tells where it starts. */
static bool choose_format(struct glibc *glibc, addr_t bins)
{
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		glibc->format = &formats[i];
		if (glibc_ring_closes(glibc, bins - formats[i].bins))
			return vector_push(&glibc->arenas, bins - formats[i].bins);
	}
	return false;
}

/* No ring closes: it is damaged, or these are no bins.  The top chunk tells. */
static bool assume_format(struct glibc *glibc, addr_t bins)
{
	struct chunk_header header;
	addr_t top;

	if (!image_read_u64(glibc->image, bins + (addr_t)ARENA_TOP, &top) ||
	    !image_read(glibc->image, top, &header, sizeof(header)) ||
	    !(header.size & CHUNK_PREV_USED) || chunk_size(&header) < CHUNK_SMALLEST ||
	    !image_mapping_at(glibc->image, top + chunk_size(&header) - 1))
		return false;
	anomaly_record(glibc->anomalies, GLIBC_STAGE, bins,
		       "the ring of arenas is damaged: those of threads may be missing");
	glibc->format = &formats[0];
	return vector_push(&glibc->arenas, bins - formats[0].bins);
}

/*
 * Given that one of the bins is at `bin`: they may start up to 126 before it.  Where the ring
 * closes is the start; the first bins may be damaged, so most sound ones prove less.
 */
static bool choose_start(struct glibc *glibc, addr_t bin)
{
	uint32_t most = FEWEST_SOUND_BINS - 1;
	addr_t best = 0;

	for (uint32_t i = 0; i < BIN_COUNT; i++) {
		addr_t bins = bin - i * BIN_SIZE;
		uint32_t sound = sound_bins(glibc, bins);

		if (sound >= FEWEST_SOUND_BINS && choose_format(glibc, bins))
			return true;
		if (sound > most) {
			most = sound;
			best = bins;
		}
	}
	return best && assume_format(glibc, best);
}

static bool find_in_segment(struct glibc *glibc, const struct image_segment *segment)
{
	for (uint64_t at = 0; at + BIN_SIZE <= segment->size; at += 8) {
		addr_t bin = segment->start + at;

		if (load_u64(segment->bytes + at) != bin - CHUNK_HEADER ||
		    load_u64(segment->bytes + at + 8) != bin - CHUNK_HEADER)
			continue;
		if (choose_start(glibc, bin))
			return true;
	}
	return false;
}

static bool is_module_data(const struct glibc *glibc, const struct image_segment *segment)
{
	return segment->writable && image_file_at(glibc->image, segment->start);
}

bool glibc_find_main(struct glibc *glibc)
{
	for (size_t i = 0; i < image_segment_count(glibc->image); i++) {
		const struct image_segment *segment = image_segment(glibc->image, i);

		if (is_module_data(glibc, segment) && find_in_segment(glibc, segment))
			return true;
	}
	return false;
}

struct parameters {
	uint32_t count, most, peak, is_fixed; /* of mapped chunks */
	uint64_t bytes, peak_bytes;           /* same */
	addr_t first_break;
};

/* `at` is mmapped_mem; the four ints lie `ints` bytes before it. */
static bool read_parameters(const uint8_t *at, uint32_t ints, struct parameters *ret)
{
	*ret = (struct parameters){
		.count = load_u32(at - ints),
		.most = load_u32(at - ints + 4),
		.peak = load_u32(at - ints + 8),
		.is_fixed = load_u32(at - ints + 12),
		.bytes = load_u64(at),
		.peak_bytes = load_u64(at + 8),
		.first_break = load_u64(at + 16),
	};
	return ret->is_fixed <= 1 && ret->count <= ret->peak && ret->most &&
	       ret->count <= ret->most && ret->bytes <= ret->peak_bytes &&
	       !(ret->bytes % CHUNK_ALIGNMENT) && !(ret->peak_bytes % CHUNK_ALIGNMENT) &&
	       !ret->count == !ret->bytes && !ret->peak == !ret->peak_bytes &&
	       ret->bytes / PAGE_SIZE_BYTES >= ret->count;
}

static const struct heap_limits usual_limits = {
	.trim_threshold = 128 << 10,
	.top_pad = 128 << 10,
	.mmap_threshold = 128 << 10,
	.cache_most = 1032,
	.cache_depth = 7,
	.fast_most = 128,
};

/* From trim_threshold on; one word earlier or later no threshold is in the third place. */
static bool are_limits(const uint8_t *begin)
{
	uint64_t trim = load_u64(begin), pad = load_u64(begin + 8), mmap = load_u64(begin + 16);

	return trim >= PAGE_SIZE_BYTES && pad < MOST_LIMIT && mmap >= PAGE_SIZE_BYTES &&
	       mmap < MOST_LIMIT && load_u64(begin + 24) <= MOST_ARENAS_TEST &&
	       load_u64(begin + 32) <= MOST_ARENAS_TEST;
}

/* `at` is mmapped_mem, and the segment has `before` bytes below it, and `after` from it on. */
static void read_limits(struct glibc *glibc, const uint8_t *at, uint64_t before, uint64_t after)
{
	static const uint32_t distances[] = {56, 80, 88};
	struct heap_limits *limits = &glibc->limits;

	for (size_t i = 0; i < ARRAY_COUNT(distances) && distances[i] <= before; i++)
		if (are_limits(at - distances[i])) {
			limits->trim_threshold = load_u64(at - distances[i]);
			limits->top_pad = load_u64(at - distances[i] + 8);
			limits->mmap_threshold = load_u64(at - distances[i] + 16);
			break;
		}
	if (after >= 48 && load_u64(at + 40) <= MOST_CACHED &&
	    load_u64(at + 32) <= MOST_LIMIT) {
		limits->cache_most = load_u64(at + 32);
		limits->cache_depth = (uint32_t)load_u64(at + 40);
	}
}

/*
 * The main arena's first chunk is where malloc_par says that the heap began.  Chunks there may
 * be damaged; the start of a mapping and the usual limit of mapped chunks are proof enough.
 */
static bool begins_heap(const struct glibc *glibc, const struct parameters *found)
{
	const struct image_mapping *mapping =
		image_mapping_at(glibc->image, found->first_break);
	struct glibc_region region = {.start = chunk_align(found->first_break),
				      .is_main = true};

	if (!found->first_break || !mapping || !is_anonymous(mapping) ||
	    !image_read_u64(glibc->image,
			    glibc->arenas.items[0] + glibc->format->bins + (addr_t)ARENA_TOP,
			    &region.top))
		return false;
	region.limit = mapping->range.end;
	return (found->most == USUAL_MOST_MAPPED &&
		found->first_break == mapping->range.start) ||
	       glibc_begins_run(glibc, &region, region.start);
}

static bool parameters_in(struct glibc *glibc, const struct image_segment *segment)
{
	static const uint32_t ints[] = {20, 16};

	for (uint64_t at = 24; at + 24 <= segment->size; at += 8)
		for (size_t i = 0; i < ARRAY_COUNT(ints); i++) {
			struct parameters found;

			if (!read_parameters(segment->bytes + at, ints[i], &found) ||
			    !begins_heap(glibc, &found))
				continue;
			glibc->has_parameters = true;
			glibc->mapped_count = found.count;
			glibc->mapped_bytes = found.bytes;
			glibc->first_break = found.first_break;
			glibc->limits.is_fixed = found.is_fixed;
			read_limits(glibc, segment->bytes + at, at, segment->size - at);
			return true;
		}
	return false;
}

void glibc_find_parameters(struct glibc *glibc)
{
	const struct image_file *file = image_file_at(glibc->image, glibc->arenas.items[0]);

	glibc->limits = usual_limits;
	if (!glibc->format->fastbin_count)
		glibc->limits.fast_most = 0;
	for (size_t i = 0; i < image_segment_count(glibc->image); i++) {
		const struct image_segment *segment = image_segment(glibc->image, i);

		if (is_module_data(glibc, segment) &&
		    image_file_at(glibc->image, segment->start) == file &&
		    parameters_in(glibc, segment))
			return;
	}
}
