#include "pipeline/block_holders.h"

#include "base/search.h"

#include <stdlib.h>

#define INTO_BLOCK    8u /* bytes: some allocators on top of malloc keep a size before theirs */
#define LARGE_BLOCK   65536u /* bytes; most often a buffer, with stale words in it */
#define MOST_LABEL    160    /* bytes of a holder's name */
#define MUCH_WITHOUT  ((uint64_t)1 << 20) /* bytes of blocks without a holder */
#define MOST_DEPTH    12u                 /* steps of a path; further away, all are alike */
#define LOW_ADDRESSES ((addr_t)1 << 32)   /* small numbers look like addresses there */

/* An unexplained block, without pads; its row has the rest. */
struct unknown {
	addr_t address;
	uint32_t row;
};

struct holders {
	struct target *target;
	const struct image *image;
	const struct collection *collection;
	struct snapshot *snapshot;
	VECTOR_OF(struct unknown) unknowns; /* ascending */
	addr_t end;                         /* of the last, and a little more */
	uint32_t *type_labels;              /* by type; 0: not asked for yet */
	VECTOR_OF(uint32_t) queue; /* of rows: found, their own words not yet looked at */
	bool interior;             /* pointers to anywhere in a block count, too */
	size_t hint;
};

static int compare_unknowns(const void *left, const void *right)
{
	return addr_compare(&((const struct unknown *)left)->address,
			    &((const struct unknown *)right)->address);
}

static bool is_unknown(const struct snapshot_block *row)
{
	return row->state == BLOCK_USED && !*row->kind && row->owner == OBJECT_NONE;
}

static void collect_unknowns(struct holders *holders)
{
	struct snapshot *snapshot = holders->snapshot;
	const struct snapshot_block *last;

	for (uint32_t i = 0; i < snapshot->blocks.count; i++) {
		const struct snapshot_block *row = &snapshot->blocks.items[i];
		struct unknown unknown = {row->address, i};
		uint64_t size = row->size;

		if (!is_unknown(row))
			continue;
		collection_leave_pads(holders->collection, &unknown.address, &size);
		vector_push(&holders->unknowns, unknown);
	}
	if (!holders->unknowns.count)
		return;
	qsort(holders->unknowns.items, holders->unknowns.count,
	      sizeof(*holders->unknowns.items), compare_unknowns);
	last = &snapshot->blocks
			.items[holders->unknowns.items[holders->unknowns.count - 1].row];
	holders->end = last->address + last->size + INTO_BLOCK;
}

/* The unexplained block that a word points to the start of, or into; NULL if none. */
static struct snapshot_block *block_of(const struct holders *holders, addr_t word)
{
	const struct unknown *unknowns = holders->unknowns.items;
	size_t total = holders->unknowns.count, below;
	struct snapshot_block *row;

	if (!total || word < unknowns[0].address || word > holders->end)
		return NULL;
	below = count_leading(total, i, unknowns[i].address <= word);
	if (!below)
		return NULL;
	row = &holders->snapshot->blocks.items[unknowns[below - 1].row];
	if (word - unknowns[below - 1].address > INTO_BLOCK &&
	    (!holders->interior || word - row->address >= row->size))
		return NULL;
	return row;
}

static void hold(struct holders *holders, struct snapshot_block *row, uint32_t holder)
{
	row->holder = holder;
	vector_push(&holders->queue, (uint32_t)(row - holders->snapshot->blocks.items));
}

/* All aligned words of a range; its end is cut to what the image has in one piece. */
static const uint8_t *words_of(struct holders *holders, addr_t address, uint64_t size)
{
	return image_view(holders->image, address, size, &holders->hint);
}

static void scan(struct holders *holders, addr_t address, uint64_t size, uint32_t holder)
{
	const uint8_t *bytes = words_of(holders, address, size);
	struct snapshot_block *row;
	addr_t word;

	for (uint64_t at = 0; bytes && at + sizeof(word) <= size; at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		row = block_of(holders, word);
		if (row && !row->holder)
			hold(holders, row, holder);
	}
}

static uint32_t label_of(struct holders *holders, const char *text)
{
	return names_add(holders->collection->labels, text) + 1;
}

static void scan_typed(struct holders *holders)
{
	for (size_t i = 0; i < holders->snapshot->blocks.count; i++) {
		const struct snapshot_block *row = &holders->snapshot->blocks.items[i];

		if (row->confidence && *row->confidence)
			scan(holders, row->address, row->size, label_of(holders, row->kind));
	}
}

/* Only objects of C types have words that no reference explains. */
static bool may_hold(const struct holders *holders, uint32_t object)
{
	const struct type_report *type =
		&holders->collection->types.items[holders->snapshot->graph->type[object]];

	switch (type->layout) {
	case LAYOUT_DWARF:
	case LAYOUT_GUESS:
	case LAYOUT_OPAQUE:
	case LAYOUT_TRAVERSE:
		return !type->is_plain;
	case LAYOUT_BUILTIN:
		return type->category == CATEGORY_OTHER && !type->is_plain;
	default:
		return false;
	}
}

/* Steps from a root; without paths all are alike. */
static uint32_t depth_of(const struct holders *holders, uint32_t object)
{
	const uint32_t *depth = holders->snapshot->paths.depth;

	return depth && depth[object] < MOST_DEPTH ? depth[object] : MOST_DEPTH;
}

static void scan_object(struct holders *holders, uint32_t object)
{
	const struct graph *graph = holders->snapshot->graph;
	const struct type_report *type = &holders->collection->types.items[graph->type[object]];
	uint32_t *label = &holders->type_labels[graph->type[object]];

	if (!*label)
		*label = label_of(holders, type->name);
	scan(holders, graph->address[object],
	     type->size < graph->size[object] ? type->size : graph->size[object], *label);
}

/*
 * Those nearer to the roots first: a connection and its statements all refer to what the library
 * has of the connection, and it is the connection's.
 */
static void scan_objects(struct holders *holders)
{
	uint32_t count = holders->snapshot->graph->object_count;
	bool waiting = true;

	for (uint32_t depth = 0; waiting; depth++) {
		waiting = false;
		for (uint32_t i = 0; i < count; i++) {
			if (!may_hold(holders, i))
				continue;
			if (depth_of(holders, i) == depth)
				scan_object(holders, i);
			waiting |= depth_of(holders, i) > depth;
		}
	}
}

/* "obj_table (libcrypto.so.3)", or the library alone. */
static uint32_t variable_label(struct holders *holders, const struct module *module,
			       addr_t address)
{
	struct binary_symbol symbol;
	char text[MOST_LABEL];

	if (module_symbol_at(module, address, &symbol))
		snprintf(text, sizeof(text), "%s (%s)", symbol.name, module_name(module));
	else
		snprintf(text, sizeof(text), "data of %s", module_name(module));
	return label_of(holders, text);
}

static void scan_data(struct holders *holders, const struct module *module,
		      struct address_range range)
{
	struct snapshot_block *row;
	addr_t word;

	for (addr_t at = range.start; at + sizeof(word) <= range.end; at += sizeof(word)) {
		if (!image_read_u64(holders->image, at, &word))
			continue;
		row = block_of(holders, word);
		if (row && !row->holder)
			hold(holders, row, variable_label(holders, module, at));
	}
}

static void scan_modules(struct holders *holders)
{
	for (size_t i = 0; i < target_module_count(holders->target); i++) {
		const struct module *module = target_module(holders->target, i);

		for (size_t k = 0; k < binary_segment_count(module->binary); k++) {
			const struct binary_segment *segment =
				binary_segment(module->binary, k);
			addr_t start = (segment->address + module->bias + 7) & ~7ull;

			if (segment->writable)
				scan_data(holders, module,
					  (struct address_range){
						  start, segment->address + module->bias +
								 segment->memory_size});
		}
	}
}

/* What is in use of them, with the thread-local memory that lies above. */
static void scan_stacks(struct holders *holders)
{
	uint32_t label = label_of(holders, "a stack");

	for (size_t i = 0; i < image_thread_count(holders->image); i++) {
		addr_t stack = image_thread(holders->image, i)->registers[REGISTER_RSP] & ~7ull;
		const struct image_segment *segment = image_segment_at(holders->image, stack);

		if (segment)
			scan(holders, stack, segment->start + segment->size - stack, label);
	}
}

/* Small blocks first, and then large ones with what is found in them. */
static void scan_unknowns(struct holders *holders)
{
	for (int large = 0; large < 2; large++)
		for (size_t i = 0; i < holders->queue.count; i++) {
			const struct snapshot_block *row =
				&holders->snapshot->blocks.items[holders->queue.items[i]];

			if (large || row->size < LARGE_BLOCK)
				scan(holders, row->address, row->size, row->holder);
		}
}

static uint64_t bytes_without_holder(const struct holders *holders)
{
	uint64_t bytes = 0;

	vector_each (&holders->unknowns, unknown) {
		const struct snapshot_block *row =
			&holders->snapshot->blocks.items[unknown->row];

		bytes += row->holder ? 0 : row->size;
	}
	return bytes;
}

static void scan_once(struct holders *holders)
{
	scan_typed(holders);
	scan_objects(holders);
	scan_modules(holders);
	scan_stacks(holders);
	scan_unknowns(holders);
}

/* If much is left, pointers into blocks may tell: to the header that a cache has behind a page. */
static void scan_all(struct holders *holders)
{
	scan_once(holders);
	if (bytes_without_holder(holders) < MUCH_WITHOUT)
		return;
	holders->interior = true;
	scan_once(holders);
}

/* A function's entry, a table of functions or other data: of a C++ object and of much of C. */
static bool symbol_of_word(const struct module *module, addr_t word, char *ret, size_t size)
{
	struct binary_symbol symbol;

	if (module_symbol_at(module, word, &symbol)) {
		if (symbol.is_function ? word != symbol.address : word % sizeof(word) != 0)
			return false;
		snprintf(ret, size, "%s (%s)", symbol.name, module_name(module));
		return true;
	}
	if (word < LOW_ADDRESSES || word % sizeof(word))
		return false;
	snprintf(ret, size, "in %s", module_name(module));
	return true;
}

static void read_first_word(struct holders *holders, struct snapshot_block *row)
{
	const struct module *module;
	char text[MOST_LABEL];
	addr_t word, address = row->address;
	uint64_t size = row->size;

	collection_leave_pads(holders->collection, &address, &size);
	if (size < sizeof(word) || !image_read_u64(holders->image, address, &word) || !word)
		return;
	module = target_module_at(holders->target, word);
	if (module && symbol_of_word(module, word, text, sizeof(text)))
		row->first_word = label_of(holders, text);
}

bool block_holders_fill(struct target *target, const struct collection *collection,
			struct snapshot *snapshot, struct error *err)
{
	struct holders holders = {.target = target,
				  .image = target_image(target),
				  .collection = collection,
				  .snapshot = snapshot};
	bool done;

	collect_unknowns(&holders);
	holders.type_labels = calloc(collection->types.count + 1, sizeof(uint32_t));
	if (holders.unknowns.count && holders.type_labels)
		scan_all(&holders);
	vector_each (&holders.unknowns, unknown)
		read_first_word(&holders, &snapshot->blocks.items[unknown->row]);
	done = !holders.unknowns.failed && !holders.queue.failed && holders.type_labels;
	free(holders.type_labels);
	vector_release(&holders.unknowns);
	vector_release(&holders.queue);
	return done || error_out_of_memory(err, "finding what holds memory");
}
