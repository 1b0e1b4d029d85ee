/*
 * A word is looked up in three steps over flat arrays: the region, which is a run of blocks
 * close to each other; in its index the granule, which says where the blocks of a KiB begin;
 * then the few blocks there.
 */
#include "analysis/native_reach.h"

#include "base/search.h"
#include "base/vector.h"

#include <stdlib.h>

#define WORD          8u
#define GRANULE_SHIFT 10
#define REGION_GAP    ((uint64_t)64 << 10) /* bytes between blocks, or of one, that end a region */

struct region {
	addr_t start, end;
	uint32_t first, count; /* blocks */
	uint64_t index;        /* of its first granule */
};

/* How far the words of a block were looked at. */
struct visit {
	addr_t at, end;
	uint32_t block;
};

typedef void hit_fn(struct native_search *search, uint32_t block, bool is_start);

struct native_search {
	const struct native_source *source;
	VECTOR_OF(struct region) regions; /* ascending */
	VECTOR_OF(uint32_t)
	granules;                  /* of all regions: first block that ends behind its start */
	const struct region *last; /* that had a word */
	addr_t low, span;          /* no block is elsewhere */
	uint8_t *state;
	uint32_t *head;
	uint8_t *interior; /* 1: an interior pointer leads there from what is reachable */
	uint32_t *queue;   /* [count]: stack of blocks to be looked at; later, their order */
	uint32_t queued;
	uint32_t leader; /* whose pointers are followed */
	hit_fn *hit;
	VECTOR_OF(struct visit) path;
};

static addr_t end_of(const struct native_search *search, uint32_t block)
{
	return search->source->blocks[block].address + search->source->blocks[block].size;
}

static uint64_t granule_of(const struct region *region, addr_t address)
{
	return (address >> GRANULE_SHIFT) - (region->start >> GRANULE_SHIFT);
}

/* One block needs no index, however large it is. */
static void index_region(struct native_search *search, struct region *region)
{
	uint64_t count = granule_of(region, region->end - 1) + 1;
	uint32_t block = region->first;

	region->index = search->granules.count;
	if (region->count == 1 || !vector_reserve(&search->granules, count + 1))
		return;
	for (uint64_t i = 0; i < count; i++) {
		addr_t start = ((region->start >> GRANULE_SHIFT) + i) << GRANULE_SHIFT;

		while (block + 1 < region->first + region->count &&
		       end_of(search, block) <= start)
			block++;
		vector_push(&search->granules, block);
	}
	vector_push(&search->granules, region->first + region->count - 1);
}

static bool joins(const struct native_search *search, uint32_t block)
{
	const struct native_block *blocks = search->source->blocks;

	return blocks[block].address - end_of(search, block - 1) < REGION_GAP &&
	       blocks[block].size < REGION_GAP && blocks[block - 1].size < REGION_GAP;
}

static void make_regions(struct native_search *search)
{
	const struct native_source *source = search->source;

	for (uint32_t first = 0, end; first < source->count; first = end) {
		struct region region = {.start = source->blocks[first].address, .first = first};

		for (end = first + 1; end < source->count && joins(search, end);)
			end++;
		region.count = end - first;
		region.end = end_of(search, end - 1);
		index_region(search, &region);
		vector_push(&search->regions, region);
	}
	if (!source->count)
		return;
	search->low = source->blocks[0].address;
	search->span = end_of(search, source->count - 1) - search->low;
}

static const struct region *find_region(struct native_search *search, addr_t word)
{
	const struct region *region = search->last;
	size_t below;

	if (region && word >= region->start && word < region->end)
		return region;
	below = count_leading(search->regions.count, i, search->regions.items[i].start <= word);
	region = below ? &search->regions.items[below - 1] : NULL;
	if (!region || word >= region->end)
		return NULL;
	search->last = region;
	return region;
}

/* The block that a word leads into, or NATIVE_NONE. */
static uint32_t find_block(struct native_search *search, addr_t word, bool *ret_is_start)
{
	const struct native_block *blocks = search->source->blocks;
	const struct region *region = find_region(search, word);
	uint32_t low, block;
	uint64_t offset;

	if (!region)
		return NATIVE_NONE;
	low = region->first;
	if (region->count > 1) {
		const uint32_t *granule =
			&search->granules.items[region->index + granule_of(region, word)];
		uint32_t below;

		low = granule[0];
		below = (uint32_t)count_leading(granule[1] - low + 1, i,
						blocks[low + i].address <= word);
		if (!below)
			return NATIVE_NONE;
		low += below - 1;
	}
	block = low;
	offset = word - blocks[block].address;
	if (offset + blocks[block].tail >= blocks[block].size)
		return NATIVE_NONE;
	*ret_is_start = offset <= NATIVE_START;
	return block;
}

static inline uint32_t find_word(struct native_search *search, const uint8_t *bytes,
				 bool *ret_is_start)
{
	addr_t word;

	memcpy(&word, bytes, sizeof(word));
	return word - search->low < search->span ? find_block(search, word, ret_is_start)
						 : NATIVE_NONE;
}

void native_search_words(struct native_search *search, const uint8_t *bytes, uint64_t size)
{
	for (uint64_t at = 0; at + WORD <= size; at += WORD) {
		bool is_start;
		uint32_t block = find_word(search, bytes + at, &is_start);

		if (block != NATIVE_NONE)
			search->hit(search, block, is_start);
	}
}

static void search_block(struct native_search *search, uint32_t block)
{
	const struct native_source *source = search->source;
	addr_t at = source->blocks[block].address, end = end_of(search, block);

	while (at < end) {
		uint64_t size = 0;
		const uint8_t *bytes = source->view(source->context, at, end - at, &size);

		if (bytes)
			native_search_words(search, bytes, size);
		if (!size)
			return;
		at += size;
	}
}

static void search_queued(struct native_search *search)
{
	while (search->queued)
		search_block(search, search->queue[--search->queued]);
}

/* True if the block has a pointer to its own start. */
static bool knows_start(const struct native_search *search, uint32_t block)
{
	const struct native_source *source = search->source;
	addr_t start = source->blocks[block].address, at = start;

	while (at < end_of(search, block)) {
		uint64_t size = 0;
		const uint8_t *bytes =
			source->view(source->context, at, end_of(search, block) - at, &size);

		for (uint64_t i = 0; bytes && i + WORD <= size; i += WORD) {
			addr_t word;

			memcpy(&word, bytes + i, sizeof(word));
			if (word - start <= NATIVE_START)
				return true;
		}
		if (!size)
			return false;
		at += size;
	}
	return false;
}

static void reach(struct native_search *search, uint32_t block, bool is_start)
{
	if (search->state[block] != NATIVE_LOST)
		return;
	if (!is_start && (search->interior[block] || !knows_start(search, block))) {
		search->interior[block] = 1;
		return;
	}
	search->state[block] = NATIVE_REACHABLE;
	search->queue[search->queued++] = block;
}

/* What has a head or is reachable stays what it is. */
static void follow(struct native_search *search, uint32_t block, bool is_start)
{
	(void)is_start;
	if (search->state[block] != NATIVE_LOST || search->head[block] != NATIVE_NONE)
		return;
	search->state[block] = search->state[search->leader];
	search->head[block] = search->leader;
	search->queue[search->queued++] = block;
}

static void lead(struct native_search *search, uint32_t block)
{
	search->leader = block;
	search_block(search, block);
	search_queued(search);
}

static void find_reachable(struct native_search *search)
{
	search->hit = reach;
	search->source->roots(search->source->context, search);
	search_queued(search);
}

/* Heads first, so that none of them goes with another. */
static void find_possible(struct native_search *search)
{
	search->hit = follow;
	for (uint32_t i = 0; i < search->source->count; i++)
		if (search->interior[i] && search->state[i] == NATIVE_LOST) {
			search->state[i] = NATIVE_POSSIBLE;
			search->head[i] = i;
		}
	for (uint32_t i = 0; i < search->source->count; i++)
		if (search->head[i] == i)
			lead(search, i);
}

/* The next block that the visited one leads to and that was not visited; NATIVE_NONE at its end. */
static uint32_t next_lost(struct native_search *search, struct visit *visit)
{
	const struct native_source *source = search->source;

	while (visit->at < visit->end) {
		uint64_t size = 0, at = 0;
		const uint8_t *bytes =
			source->view(source->context, visit->at, visit->end - visit->at, &size);

		for (; bytes && at + WORD <= size; at += WORD) {
			bool is_start;
			uint32_t block = find_word(search, bytes + at, &is_start);

			if (block == NATIVE_NONE || search->state[block] != NATIVE_LOST ||
			    search->interior[block])
				continue;
			visit->at += at + WORD;
			return block;
		}
		visit->at = size ? visit->at + size : visit->end;
	}
	return NATIVE_NONE;
}

static void begin_visit(struct native_search *search, uint32_t block)
{
	addr_t address = search->source->blocks[block].address;

	search->interior[block] = 1;
	vector_push(&search->path, ((struct visit){address, end_of(search, block), block}));
}

/* Depth first; a block comes into the queue when all it leads to has. */
static void order_from(struct native_search *search, uint32_t block)
{
	begin_visit(search, block);
	while (search->path.count) {
		struct visit *visit = &search->path.items[search->path.count - 1];
		uint32_t next = next_lost(search, visit);

		if (next != NATIVE_NONE) {
			begin_visit(search, next);
		} else {
			search->queue[search->queued++] = visit->block;
			search->path.count--;
		}
	}
}

/*
 * From the last of that order to the first: whoever leads to a block without being led to by it
 * comes before it.  So a block that nothing has taken yet is in a cycle that nothing else leads
 * to, or is one that nothing leads to at all.
 */
static void find_lost(struct native_search *search)
{
	uint32_t *order = search->queue, count;

	for (uint32_t i = 0; i < search->source->count; i++)
		if (search->state[i] == NATIVE_LOST && !search->interior[i])
			order_from(search, i);
	count = search->queued;
	search->queue = malloc(((size_t)count + 1) * sizeof(*search->queue));
	search->queued = 0;
	search->hit = follow;
	for (uint32_t i = count; search->queue && i-- > 0;)
		if (search->head[order[i]] == NATIVE_NONE) {
			search->head[order[i]] = order[i];
			lead(search, order[i]);
		}
	if (!search->queue)
		search->path.failed = true;
	free(order);
}

static bool prepare(struct native_search *search)
{
	size_t room = (size_t)search->source->count + 1;

	search->state = calloc(room, sizeof(*search->state));
	search->interior = calloc(room, sizeof(*search->interior));
	search->head = malloc(room * sizeof(*search->head));
	search->queue = malloc(room * sizeof(*search->queue));
	if (!search->state || !search->interior || !search->head || !search->queue)
		return false;
	memset(search->head, 0xff, room * sizeof(*search->head));
	make_regions(search);
	return !search->regions.failed && !search->granules.failed;
}

bool native_reach_compute(const struct native_source *source, struct native_reach *ret,
			  struct error *err)
{
	struct native_search search = {.source = source};
	bool done = prepare(&search);

	if (done) {
		find_reachable(&search);
		find_possible(&search);
		find_lost(&search);
		done = !search.path.failed;
	}
	*ret = (struct native_reach){search.state, search.head};
	free(search.interior);
	free(search.queue);
	vector_release(&search.path);
	vector_release(&search.regions);
	vector_release(&search.granules);
	if (done)
		return true;
	native_reach_release(ret);
	return error_out_of_memory(err, "looking for lost blocks");
}

void native_reach_release(struct native_reach *reach)
{
	free(reach->state);
	free(reach->head);
	*reach = (struct native_reach){0};
}
