#include "pipeline/private_memory.h"

#include "base/search.h"
#include "pipeline/block_cursor.h"

#include <stdlib.h>

#define OWNER_NONE   OBJECT_NONE       /* nothing was found to refer to it yet */
#define OWNER_SHARED (OBJECT_NONE - 1) /* several do, or somebody unknown */

/* A block in use that nobody explains. */
struct candidate {
	addr_t address;
	uint64_t size;
	uint32_t owner;      /* object, or OWNER_… */
	uint32_t first_edge; /* of those that lead from it */
};

/* An object's own memory refers to a candidate. */
struct referrer {
	uint32_t candidate, object;
};

struct search {
	const struct image *image;
	const struct collection *collection;
	const struct graph *graph;
	VECTOR_OF(struct candidate) candidates; /* ascending */
	VECTOR_OF(struct referrer) referrers;   /* in the end by candidate and object */
	VECTOR_OF(uint32_t) edges;              /* the candidates that each one refers to */
	VECTOR_OF(uint32_t) changed;
	size_t hint;
};

/* The first arena among `total` from number `first` on that begins at the address or behind it. */
static addr_t next_arena(const struct collection *collection, size_t first, size_t total,
			 addr_t address)
{
	const struct collected_arena *arenas = collection->arenas.items;
	size_t below = count_leading(total, i, arenas[first + i].report.address < address);

	return below < total ? arenas[first + below].report.address : UINT64_MAX;
}

static addr_t next_small_arena(const struct collection *collection, addr_t address)
{
	return next_arena(collection, collection->native_arenas,
			  collection->arenas.count - collection->native_arenas, address);
}

static void add_candidate(struct search *search, const struct block_report *block,
			  struct block_cursor *at)
{
	struct candidate candidate = {
		.address = block->address, .size = block->size, .owner = OWNER_NONE};

	if (block->state == BLOCK_USED && !block_has_object(at, search->graph, block) &&
	    !collection_claim_of(search->collection, block))
		vector_push(&search->candidates, candidate);
}

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

/* Blocks of both allocators; they do not overlap but where an arena is in a block. */
static void add_candidates(struct search *search)
{
	const struct collection *collection = search->collection;
	struct block_cursor small = {0}, native = {0};

	vector_each (&collection->blocks, block)
		add_candidate(search, block, &small);
	vector_each (&collection->native_blocks, block)
		if (!block_has_arena(&native, collection, block))
			add_candidate(search, block, &native);
	if (search->candidates.count)
		qsort(search->candidates.items, search->candidates.count,
		      sizeof(*search->candidates.items), compare_candidates);
}

/* The candidate that a word is an address in; or their number. */
static size_t candidate_at(const struct search *search, addr_t word)
{
	const struct candidate *items = search->candidates.items;
	size_t count = search->candidates.count, below;

	if (!count || word < items[0].address ||
	    word >= items[count - 1].address + items[count - 1].size)
		return count;
	below = count_leading(count, i, items[i].address <= word);
	return word - items[below - 1].address < items[below - 1].size ? below - 1 : count;
}

static void refer(struct search *search, size_t index, uint32_t owner)
{
	struct candidate *candidate = &search->candidates.items[index];

	if (candidate->owner == owner || candidate->owner == OWNER_SHARED)
		return;
	candidate->owner = candidate->owner == OWNER_NONE ? owner : OWNER_SHARED;
	vector_push(&search->changed, (uint32_t)index);
}

/* Objects share what they refer to as long as it is not known whether one has it for all. */
static void scan_words(struct search *search, const uint8_t *bytes, uint64_t size,
		       uint32_t owner)
{
	for (uint64_t at = 0; at + 8 <= size; at += 8) {
		addr_t word;
		size_t index;

		memcpy(&word, bytes + at, sizeof(word));
		index = candidate_at(search, word);
		if (index == search->candidates.count)
			continue;
		if (owner == OWNER_SHARED)
			refer(search, index, OWNER_SHARED);
		else
			vector_push(&search->referrers,
				    ((struct referrer){(uint32_t)index, owner}));
	}
}

static void scan(struct search *search, addr_t address, uint64_t size, uint32_t owner)
{
	const uint8_t *bytes = image_view(search->image, address, size, &search->hint);

	if (bytes)
		scan_words(search, bytes, size, owner);
}

static uint32_t owner_of(const struct search *search, const struct claim_report *claim)
{
	uint32_t owner =
		claim->owner ? graph_object_at(search->graph, claim->owner) : OBJECT_NONE;

	return owner == OBJECT_NONE ? OWNER_SHARED : owner;
}

/* Memory that is somebody's, and not understood. */
static void scan_owned(struct search *search)
{
	const struct graph *graph = search->graph;

	vector_each (&search->collection->claims, claim)
		if (claim->opaque)
			scan(search, claim->address, claim->size, owner_of(search, claim));
	for (uint32_t i = 0; i < graph->object_count; i++) {
		const struct type_report *type =
			&search->collection->types.items[graph->type[i]];

		if (type->layout != LAYOUT_BUILTIN)
			scan(search, graph->address[i], type->size,
			     graph->flags[i] & OBJECT_STATIC ? OWNER_SHARED : i);
	}
}

/* A view's reference to its array is a guess where nobody knows the view's layout. */
static bool holds(const struct graph *graph, uint32_t source, uint32_t target)
{
	for (uint32_t r = graph->first_reference[source];
	     r < graph->first_reference[source + 1]; r++)
		if (graph->target[r] == target &&
		    (graph_holds(graph, source, r) || graph->kind[r] == REFERENCE_GUESS))
			return true;
	return false;
}

/* Do all the others keep the object alive?  A view of an array does, and has its address. */
static bool is_kept_by_all(const struct search *search, const struct referrer *referrers,
			   size_t count, uint32_t object)
{
	for (size_t i = 0; i < count; i++)
		if (referrers[i].object != object &&
		    !holds(search->graph, referrers[i].object, object))
			return false;
	return true;
}

static uint32_t owner_among(const struct search *search, const struct referrer *referrers,
			    size_t count)
{
	const struct graph *graph = search->graph;
	uint32_t first = referrers->object;

	if (is_kept_by_all(search, referrers, count, first))
		return first;
	/* Else it is something that the first one refers to. */
	for (uint32_t r = graph->first_reference[first]; r < graph->first_reference[first + 1];
	     r++)
		for (size_t i = 1; i < count; i++)
			if (referrers[i].object == graph->target[r] &&
			    is_kept_by_all(search, referrers, count, graph->target[r]))
				return graph->target[r];
	return OWNER_SHARED;
}

static int compare_referrers(const void *left, const void *right)
{
	const struct referrer *a = left, *b = right;

	if (a->candidate != b->candidate)
		return a->candidate < b->candidate ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

/* Who has each candidate of those whose own memory refers to it. */
static void settle_owners(struct search *search)
{
	struct referrer *items = search->referrers.items;
	size_t count = 0;

	if (search->referrers.count)
		qsort(items, search->referrers.count, sizeof(*items), compare_referrers);
	for (size_t i = 0; i < search->referrers.count; i++)
		if (!count || compare_referrers(&items[i], &items[count - 1]) != 0)
			items[count++] = items[i];
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1;
		     end < count && items[end].candidate == items[first].candidate; end++)
			;
		refer(search, items[first].candidate,
		      owner_among(search, &items[first], end - first));
	}
}

static bool is_stack(const struct image *image, const struct image_segment *segment)
{
	for (size_t i = 0; i < image_thread_count(image); i++)
		if (image_thread(image, i)->registers[REGISTER_RSP] - segment->start <
		    segment->size)
			return true;
	return false;
}

static addr_t least(addr_t a, addr_t b)
{
	return a < b ? a : b;
}

/* Where an allocator's memory that has the address ends; 0 if none has it. */
static addr_t allocator_end(const struct collection *collection, addr_t address)
{
	const struct collected_arena *arena = collection_native_arena_at(collection, address);
	const struct block_report *block = collection_native_block_at(collection, address);

	if (!arena)
		arena = collection_arena_at(collection, address);
	if (arena)
		return arena->report.address + arena->report.size;
	return block ? block->address + block->size : 0;
}

/* Where the next allocator's memory begins. */
static addr_t allocator_start(const struct collection *collection, addr_t address)
{
	const struct block_report *blocks = collection->native_blocks.items;
	size_t below =
		count_leading(collection->native_blocks.count, i, blocks[i].address < address);
	addr_t start =
		below < collection->native_blocks.count ? blocks[below].address : UINT64_MAX;

	start = least(start, next_arena(collection, 0, collection->native_arenas, address));
	return least(start, next_small_arena(collection, address));
}

/* What is no allocator's: data of modules, thread-local storage. */
static void scan_segment(struct search *search, const struct image_segment *segment)
{
	addr_t end = segment->start + segment->size, next;

	for (addr_t at = segment->start; at < end; at = (next + 7) & ~(addr_t)7) {
		next = allocator_end(search->collection, at);
		if (next)
			continue;
		next = least(allocator_start(search->collection, at), end);
		scan_words(search, segment->bytes + (at - segment->start), next - at,
			   OWNER_SHARED);
	}
}

static void scan_rest(struct search *search)
{
	for (size_t i = 0; i < image_segment_count(search->image); i++) {
		const struct image_segment *segment = image_segment(search->image, i);

		if (segment->writable && !is_stack(search->image, segment))
			scan_segment(search, segment);
	}
}

static void add_edges(struct search *search, struct candidate *candidate)
{
	const uint8_t *bytes =
		image_view(search->image, candidate->address, candidate->size, &search->hint);

	candidate->first_edge = (uint32_t)search->edges.count;
	for (uint64_t at = 0; bytes && at + 8 <= candidate->size; at += 8) {
		addr_t word;
		size_t index;

		memcpy(&word, bytes + at, sizeof(word));
		index = candidate_at(search, word);
		if (index < search->candidates.count &&
		    candidate != &search->candidates.items[index])
			vector_push(&search->edges, (uint32_t)index);
	}
}

/* What was found of a block holds for all that it refers to. */
static void propagate(struct search *search)
{
	while (search->changed.count) {
		uint32_t index = search->changed.items[--search->changed.count];
		const struct candidate *candidate = &search->candidates.items[index];
		size_t end = index + 1 < search->candidates.count ? candidate[1].first_edge
								  : search->edges.count;

		for (size_t i = candidate->first_edge; i < end; i++)
			refer(search, search->edges.items[i], candidate->owner);
	}
}

static void settle(struct search *search)
{
	vector_each (&search->candidates, candidate)
		add_edges(search, candidate);
	scan_owned(search);
	settle_owners(search);
	scan_rest(search);
	propagate(search);
	/* What nothing known refers to is somebody's all the same. */
	for (size_t i = 0; i < search->candidates.count; i++)
		if (search->candidates.items[i].owner == OWNER_NONE)
			refer(search, i, OWNER_SHARED);
	propagate(search);
}

static bool claim_all(struct search *search, struct collection *collection, struct graph *graph)
{
	vector_each (&search->candidates, candidate) {
		struct claim_report claim = {.address = candidate->address,
					     .size = candidate->size,
					     .kind = KIND_PRIVATE,
					     .opaque = true};

		if (candidate->owner >= OWNER_SHARED)
			continue;
		claim.owner = graph->address[candidate->owner];
		vector_push(&collection->claims, claim);
		graph_add_owned(graph, candidate->owner, candidate->size);
	}
	collection_sort_claims(collection);
	return !search->candidates.failed && !search->edges.failed && !search->changed.failed &&
	       !search->referrers.failed && !collection->claims.failed;
}

bool private_memory_find(const struct image *image, struct collection *collection,
			 struct graph *graph, struct error *err)
{
	struct search search = {.image = image, .collection = collection, .graph = graph};
	bool done;

	add_candidates(&search);
	if (search.candidates.count < OWNER_SHARED)
		settle(&search);
	done = claim_all(&search, collection, graph);
	vector_release(&search.candidates);
	vector_release(&search.referrers);
	vector_release(&search.edges);
	vector_release(&search.changed);
	return done || error_out_of_memory(err, "looking for owners of memory");
}
