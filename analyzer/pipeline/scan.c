#include "pipeline/scan.h"

#include "pipeline/block_text.h"

#include <stdlib.h>

struct scan {
	const struct target *target;
	const struct image *image;
	const struct collection *collection;
	const struct graph *graph;
	struct suspects *suspects;
};

static bool refers_to(const struct graph *graph, uint32_t source, addr_t target)
{
	for (uint32_t r = graph->first_reference[source];
	     r < graph->first_reference[source + 1]; r++)
		if (graph->address[graph->target[r]] == target)
			return true;
	return false;
}

/*
 * Within an object: a C struct's field that no plan knows could hold a reference; Python's own
 * structs cannot, and neither can the data behind a struct and the rest of the block.
 */
static bool object_may_hold(const struct scan *scan, uint32_t object, addr_t word,
			    addr_t target)
{
	const struct type_report *type =
		&scan->collection->types.items[scan->graph->type[object]];

	return (type->layout == LAYOUT_DWARF || type->layout == LAYOUT_GUESS ||
		type->layout == LAYOUT_OPAQUE || type->layout == LAYOUT_TRAVERSE) &&
	       word - scan->graph->address[object] < type->size &&
	       !refers_to(scan->graph, object, target);
}

/* Threads' stacks are roots above their stack pointers, and stale below them. */
static bool is_on_stack(const struct scan *scan, const struct image_segment *segment)
{
	for (size_t i = 0; i < image_thread_count(scan->image); i++) {
		addr_t stack = image_thread(scan->image, i)->registers[REGISTER_RSP];

		if (stack >= segment->start && stack < segment->start + segment->size)
			return true;
	}
	return false;
}

/* Does somebody know all that is at the address, and that it is no reference? */
static bool is_understood(const struct collection *collection, addr_t address)
{
	const struct claim_report *claim = collection_claim_at(collection, address);

	return claim && !claim->opaque;
}

/*
 * In a block that text fills but for what malloc rounds up, behind its end: nobody asked for these
 * bytes, and what an earlier use of the block left is still there.
 */
static bool is_behind_text(const struct scan *scan, const struct block_report *block,
			   addr_t word)
{
	size_t hint = 0;
	const uint8_t *text =
		block->address + block->size - word <= MALLOC_STEP
			? image_view(scan->image, block->address, block->size, &hint)
			: NULL;
	uint64_t length = text ? text_length(text, block->size) : 0;

	return length > SHORTEST_TEXT && word >= block->address + length &&
	       block->size - length < MALLOC_STEP;
}

/* What is freed, and what only malloc itself writes, holds no reference. */
static bool may_hold(const struct scan *scan, addr_t word, addr_t target)
{
	const struct collection *collection = scan->collection;
	const struct block_report *block = collection_used_block_at(collection, word);
	uint32_t object = graph_object_at(scan->graph, word);
	addr_t address = object == OBJECT_NONE ? 0 : scan->graph->address[object];

	if (collection_is_root_word(collection, word) || is_understood(collection, word) ||
	    (block && is_understood(collection, block->address)))
		return false;
	if (object != OBJECT_NONE &&
	    (block ? address >= block->address : word - address < scan->graph->size[object]))
		return object_may_hold(scan, object, word, target);
	if (block && is_behind_text(scan, block, word))
		return false;
	return block || !(collection_arena_at(collection, word) ||
			  collection_native_arena_at(collection, word));
}

static void add_hit(const struct scan *scan, addr_t word, addr_t target)
{
	struct suspect *suspect =
		&scan->suspects->suspects[address_set_rank(scan->suspects->set, target)];

	if (!suspect->hits++)
		suspect->first_hit = word;
	if (!suspect->data_hit && target_module_at(scan->target, word) &&
	    !collection_used_block_at(scan->collection, word))
		suspect->data_hit = word;
}

static void scan_segment(struct scan *scan, const struct image_segment *segment)
{
	for (uint64_t at = 0; at + 8 <= segment->size; at += 8) {
		addr_t target;

		memcpy(&target, segment->bytes + at, sizeof(target));
		if (target && address_set_has(scan->suspects->set, target) &&
		    may_hold(scan, segment->start + at, target))
			add_hit(scan, segment->start + at, target);
	}
}

static void scan_all(struct scan *scan)
{
	for (size_t i = 0; i < image_segment_count(scan->image); i++) {
		const struct image_segment *segment = image_segment(scan->image, i);

		if (segment->writable && !is_on_stack(scan, segment))
			scan_segment(scan, segment);
	}
}

static bool collect_suspects(const struct graph *graph, const struct ledger *ledger,
			     struct suspects *ret)
{
	ret->set = address_set_create();
	if (!ret->set)
		return false;
	for (uint32_t i = 0; i < graph->object_count; i++)
		if (ledger->surplus[i] > 0)
			address_set_add(ret->set, graph->address[i]);
	if (!address_set_freeze(ret->set))
		return false;
	ret->suspects = calloc(address_set_count(ret->set) + 1, sizeof(*ret->suspects));
	return ret->suspects;
}

static bool add_roots(const struct suspects *suspects, struct graph *graph, uint32_t label)
{
	VECTOR_OF(struct graph_root) roots = {0};
	bool done;

	for (uint32_t i = 0; i < graph->object_count; i++) {
		uint32_t rank = address_set_rank(suspects->set, graph->address[i]);

		if (rank == RANK_NONE || !suspects->suspects[rank].hits)
			continue;
		vector_push(&roots, ((struct graph_root){
					    .object = i,
					    .kind = ROOT_NATIVE,
					    .label = label,
					    .thread = OBJECT_NONE,
					    .frame = OBJECT_NONE,
					    .address = suspects->suspects[rank].first_hit}));
	}
	done = !roots.failed && graph_append_roots(graph, roots.items, (uint32_t)roots.count);
	vector_release(&roots);
	return done;
}

bool suspects_find(const struct target *target, const struct collection *collection,
		   struct graph *graph, const struct ledger *ledger, struct suspects *ret,
		   struct error *err)
{
	struct scan scan = {target, target_image(target), collection, graph, ret};

	if (!collect_suspects(graph, ledger, ret))
		return error_out_of_memory(err, "looking for who holds what");
	scan_all(&scan);
	if (!add_roots(ret, graph, names_add(collection->labels, "word")))
		return error_out_of_memory(err, "looking for who holds what");
	return true;
}

void suspects_release(struct suspects *suspects)
{
	address_set_free(suspects->set);
	free(suspects->suspects);
	*suspects = (struct suspects){0};
}
