#include "pipeline/scan.h"

#include "base/search.h"
#include "pipeline/block_text.h"

#include <stdlib.h>

/* Where the text of a suspect is. */
struct text {
	addr_t address;
	uint32_t object;
};

struct scan {
	const struct target *target;
	const struct image *image;
	const struct collection *collection;
	const struct graph *graph;
	struct suspects *suspects;
	VECTOR_OF(struct text) texts; /* ascending */
	struct address_set *text_set; /* their addresses; frozen */
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

/* A type's names and docstring are C strings, which may be a str's. */
static bool object_may_hold_text(const struct scan *scan, uint32_t object, addr_t word,
				 const struct text *text)
{
	const struct type_report *type =
		&scan->collection->types.items[scan->graph->type[object]];

	return object != text->object && (type->category == CATEGORY_TYPES ||
					  object_may_hold(scan, object, word, text->address));
}

/*
 * What is freed, and what only malloc itself writes, holds no reference.  text: it is the
 * address of this one; NULL: an object's.
 */
static bool may_hold(const struct scan *scan, addr_t word, addr_t target,
		     const struct text *text)
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
		return text ? object_may_hold_text(scan, object, word, text)
			    : object_may_hold(scan, object, word, target);
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

static void look_for_object(struct scan *scan, addr_t word, addr_t target)
{
	if (address_set_has(scan->suspects->set, target) && may_hold(scan, word, target, NULL))
		add_hit(scan, word, target);
}

static void look_for_text(struct scan *scan, addr_t word, addr_t target)
{
	const struct text *text;
	addr_t object;

	if (!address_set_has(scan->text_set, target))
		return;
	text = &scan->texts.items[address_set_rank(scan->text_set, target)];
	object = scan->graph->address[text->object];
	if (!may_hold(scan, word, target, text))
		return;
	add_hit(scan, word, object);
	scan->suspects->suspects[address_set_rank(scan->suspects->set, object)].texts++;
}

static void scan_segment(struct scan *scan, const struct image_segment *segment)
{
	for (uint64_t at = 0; at + 8 <= segment->size; at += 8) {
		addr_t target;

		memcpy(&target, segment->bytes + at, sizeof(target));
		if (!target)
			continue;
		look_for_object(scan, segment->start + at, target);
		if (scan->texts.count)
			look_for_text(scan, segment->start + at, target);
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

static int compare_texts(const void *left, const void *right)
{
	const struct text *a = left, *b = right;

	return addr_compare(&a->address, &b->address);
}

/* No two texts begin at one address. */
static bool collect_texts(struct scan *scan, struct scan_runtime runtime)
{
	const struct graph *graph = scan->graph;

	scan->text_set = address_set_create();
	for (uint32_t i = 0; scan->text_set && i < graph->object_count; i++) {
		struct contents contents;

		if (scan->collection->types.items[graph->type[i]].category != CATEGORY_TEXT ||
		    !address_set_has(scan->suspects->set, graph->address[i]) ||
		    !runtime.ops->contents(runtime.runtime, graph->type[i], graph->address[i],
					   &contents) ||
		    address_set_has(scan->text_set, contents.address))
			continue;
		address_set_add(scan->text_set, contents.address);
		vector_push(&scan->texts, ((struct text){contents.address, i}));
	}
	if (scan->texts.count)
		qsort(scan->texts.items, scan->texts.count, sizeof(*scan->texts.items),
		      compare_texts);
	return scan->text_set && !scan->texts.failed && address_set_freeze(scan->text_set);
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

bool suspects_find(const struct target *target, struct scan_runtime runtime,
		   const struct collection *collection, struct graph *graph,
		   const struct ledger *ledger, struct suspects *ret, struct error *err)
{
	struct scan scan = {.target = target,
			    .image = target_image(target),
			    .collection = collection,
			    .graph = graph,
			    .suspects = ret};
	bool done = collect_suspects(graph, ledger, ret) && collect_texts(&scan, runtime);

	if (done) {
		scan_all(&scan);
		done = add_roots(ret, graph, names_add(collection->labels, "word"));
	}
	address_set_free(scan.text_set);
	vector_release(&scan.texts);
	return done || error_out_of_memory(err, "looking for who holds what");
}

void suspects_release(struct suspects *suspects)
{
	address_set_free(suspects->set);
	free(suspects->suspects);
	*suspects = (struct suspects){0};
}
