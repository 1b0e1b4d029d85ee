/*
 * pymalloc's arenas, pools and blocks; mirrors Objects/obmalloc.c of CPython 3.8 … 3.13.
 *
 *   arena_object  address      first byte of the arena; 0: the entry is unused
 *                 pool_address the first pool that was never carved
 *                 freepools    carved pools that hold no block now, linked by nextpool
 *                 nextarena    next in the list `usable_arenas` of those with free pools, by
 *                              their number; of unused entries, in another list
 *   pool_header   ref.count    blocks in use
 *                 freeblock    freed blocks, linked by their first word
 *                 szidx        size class: blocks are of (szidx + 1) * 16 bytes
 *                 nextoffset   from the pool's start to the first block never given out
 *                 maxnextoffset  pool size - block size
 *
 * The array of arena_objects is the static `arenas` up to 3.11, `obmalloc.mgmt.arenas` of the
 * interpreter in 3.12, the same behind a pointer since 3.13.
 */
#include "heap/pymalloc.h"

#include "base/vector.h"
#include "debuginfo/layout.h"
#include "heap/debug_pads.h"

#include <stdlib.h>

#define STAGE         "pymalloc"
#define ALIGNMENT     16u
#define MOST_CLASSES  32u /* blocks of up to 512 bytes */
#define NO_CLASS      0xffffu
#define MOST_ARENAS   (1u << 24)
#define MOST_POOLS    (1u << 16) /* in an arena */
#define SMALLEST_POOL ((uint32_t)4 << 10)
#define LARGEST_POOL  ((uint32_t)64 << 10)

enum {
	ARENA_ADDRESS,
	ARENA_POOL_ADDRESS,
	ARENA_FREE_POOL_COUNT,
	ARENA_POOL_COUNT,
	ARENA_FREE_POOLS,
	ARENA_NEXT,
	POOL_COUNT,
	POOL_FREE_BLOCK,
	POOL_NEXT,
	POOL_CLASS,
	POOL_NEXT_OFFSET,
	POOL_MOST_OFFSET,
	FIELD_COUNT
};

static const struct field_spec fields[FIELD_COUNT] = {
	[ARENA_ADDRESS] = {"arena_object", "address", true},
	[ARENA_POOL_ADDRESS] = {"arena_object", "pool_address", true},
	[ARENA_FREE_POOL_COUNT] = {"arena_object", "nfreepools", true},
	[ARENA_POOL_COUNT] = {"arena_object", "ntotalpools", true},
	[ARENA_FREE_POOLS] = {"arena_object", "freepools", true},
	[ARENA_NEXT] = {"arena_object", "nextarena", true},
	[POOL_COUNT] = {"pool_header", "ref.count", true},
	[POOL_FREE_BLOCK] = {"pool_header", "freeblock", true},
	[POOL_NEXT] = {"pool_header", "nextpool", true},
	[POOL_CLASS] = {"pool_header", "szidx", true},
	[POOL_NEXT_OFFSET] = {"pool_header", "nextoffset", true},
	[POOL_MOST_OFFSET] = {"pool_header", "maxnextoffset", true},
};

struct allocator {
	struct target *target;
	const struct image *image;
	struct layout_field layout[FIELD_COUNT];
	addr_t arenas;         /* array of arena_object */
	uint32_t arena_count;  /* entries of it */
	uint32_t arena_stride; /* bytes */
	uint32_t pool_size;    /* bytes */
	uint32_t header_size;  /* bytes before a pool's first block */
	addr_t first_usable;   /* arena_object; 0: there is none, or it is not known */
	bool keeps_last;       /* of the arenas with free pools, even if all of them are */
	size_t hint;
};

/* A field of the struct whose bytes are given. */
static uint64_t get(const struct allocator *allocator, const uint8_t *bytes, int field)
{
	const struct layout_field *at = &allocator->layout[field];
	uint64_t value = 0;

	memcpy(&value, bytes + at->offset, at->size < 8 ? at->size : 8);
	return value;
}

static addr_t first_pool(addr_t arena, uint32_t pool_size)
{
	return (arena + pool_size - 1) & ~((addr_t)pool_size - 1);
}

/* Where the table of arenas is, for the interpreter-owned allocator of 3.12 and later. */
static bool find_in_interpreter(struct allocator *allocator, struct debug_info *debug,
				addr_t runtime)
{
	struct debug_field interpreter_main, obmalloc, arenas, most, usable;
	uint32_t state = debug_type_named(debug, "_obmalloc_state");
	uint32_t runtime_type = debug_type_named(debug, "pyruntimestate");
	uint32_t interpreter_type = debug_type_named(debug, "_is");
	addr_t base;

	if (state == DEBUG_NONE || runtime_type == DEBUG_NONE ||
	    interpreter_type == DEBUG_NONE ||
	    !debug_field(debug, runtime_type, "interpreters.main", &interpreter_main) ||
	    !debug_field(debug, interpreter_type, "obmalloc", &obmalloc) ||
	    !debug_field(debug, state, "mgmt.arenas", &arenas) ||
	    !debug_field(debug, state, "mgmt.maxarenas", &most) ||
	    !image_read_u64(allocator->image, runtime + interpreter_main.offset, &base))
		return false;
	base += obmalloc.offset;
	if (debug_type(debug, obmalloc.type)->kind == DEBUG_POINTER &&
	    !image_read_u64(allocator->image, base, &base))
		return false;
	if (debug_field(debug, state, "mgmt.usable_arenas", &usable))
		image_read_u64(allocator->image, base + usable.offset,
			       &allocator->first_usable);
	return image_read_u64(allocator->image, base + arenas.offset, &allocator->arenas) &&
	       image_read_u32(allocator->image, base + most.offset, &allocator->arena_count);
}

static bool find_arenas(struct allocator *allocator, struct module *module,
			struct debug_info *debug, addr_t runtime)
{
	addr_t arenas, most, usable, raw_count;

	/* A variable that went when the rule came, with 3.9. */
	allocator->keeps_last =
		!module_symbol(allocator->target, module, "_Py_AllocatedBlocks", &raw_count);
	if (module_symbol(allocator->target, module, "usable_arenas", &usable))
		image_read_u64(allocator->image, usable, &allocator->first_usable);
	if (module_symbol(allocator->target, module, "arenas", &arenas) &&
	    module_symbol(allocator->target, module, "maxarenas", &most))
		return image_read_u64(allocator->image, arenas, &allocator->arenas) &&
		       image_read_u32(allocator->image, most, &allocator->arena_count);
	return find_in_interpreter(allocator, debug, runtime);
}

static const uint8_t *arena_bytes(const struct allocator *allocator, uint32_t index,
				  size_t *hint)
{
	return image_view(allocator->image,
			  allocator->arenas + (addr_t)index * allocator->arena_stride,
			  allocator->arena_stride, hint);
}

/* The pool size that an arena's first pool agrees with; 0 if none does. */
static uint32_t pool_size_of(const struct allocator *allocator, addr_t arena)
{
	size_t hint = 0;

	for (uint32_t size = SMALLEST_POOL; size <= LARGEST_POOL; size *= 2) {
		const uint8_t *pool = image_view(allocator->image, first_pool(arena, size),
						 allocator->header_size, &hint);

		if (pool && get(allocator, pool, POOL_CLASS) < MOST_CLASSES &&
		    get(allocator, pool, POOL_MOST_OFFSET) +
				    (get(allocator, pool, POOL_CLASS) + 1) * ALIGNMENT ==
			    size)
			return size;
	}
	return 0;
}

static bool find_pool_size(struct allocator *allocator)
{
	size_t hint = 0;

	for (uint32_t i = 0; i < allocator->arena_count && !allocator->pool_size; i++) {
		const uint8_t *arena = arena_bytes(allocator, i, &hint);

		if (arena && get(allocator, arena, ARENA_ADDRESS))
			allocator->pool_size =
				pool_size_of(allocator, get(allocator, arena, ARENA_ADDRESS));
	}
	return allocator->pool_size;
}

static bool attach_to(struct allocator *allocator, struct module *module, addr_t runtime,
		      struct error *err)
{
	struct debug_info *debug = module_debug(allocator->target, module);
	struct layout_source source = {debug, module->file->path, NULL};

	if (!debug)
		return error_set(err, ERROR_INPUT, "%s", module->debug_message);
	if (!layout_resolve(&source, fields, FIELD_COUNT, allocator->layout, err))
		return false;
	allocator->arena_stride =
		(uint32_t)debug_type(debug, debug_type_named(debug, "arena_object"))->size;
	allocator->header_size =
		(uint32_t)(debug_type(debug, debug_type_named(debug, "pool_header"))->size +
			   ALIGNMENT - 1) &
		~(ALIGNMENT - 1);
	if (!find_arenas(allocator, module, debug, runtime) ||
	    allocator->arena_count > MOST_ARENAS)
		return error_set(
			err, ERROR_FORMAT,
			"%s: the table of pymalloc's arenas cannot be read from the dump",
			image_process(allocator->image)->source);
	if (allocator->arena_count && !find_pool_size(allocator))
		anomaly_record(target_anomalies(allocator->target), STAGE, allocator->arenas,
			       "no pool of any arena could be recognised");
	return true;
}

static struct allocator *pymalloc_attach(struct target *target, struct error *err)
{
	struct allocator *allocator;
	addr_t runtime;

	if (!target_symbol(target, "_PyRuntime", &runtime))
		return NULL;
	allocator = calloc(1, sizeof(*allocator));
	if (!allocator) {
		error_out_of_memory(err, "reading pymalloc's arenas");
		return NULL;
	}
	allocator->target = target;
	allocator->image = target_image(target);
	if (!attach_to(allocator, target_module_at(target, runtime), runtime, err)) {
		free(allocator);
		return NULL;
	}
	return allocator;
}

static void pymalloc_detach(struct allocator *allocator)
{
	free(allocator);
}

/* One walk over the arenas: what the functions below share. */
struct walk {
	const struct allocator *allocator;
	const struct heap_visitor *visitor;
	struct anomalies *anomalies;
	struct arena_report arena;
	uint8_t *is_free;  /* by block number, for the largest pool of the smallest blocks */
	bool has_pads;     /* a block with pads was met: all have them */
	addr_t last_block; /* of the pool before, where that is in use and next to this; or 0 */
	size_t hint;
};

/* What is known of a pool's free list. */
struct free_list {
	uint32_t count;
	addr_t damaged; /* the block whose link is wrong, or the pool; 0: it comes to its end */
};

/*
 * Marks the freed blocks of a pool and counts them, up to where their list leaves the pool or
 * goes round.
 */
static struct free_list mark_free_blocks(const struct walk *walk, const uint8_t *pool,
					 const struct pool_report *report, uint32_t carved)
{
	struct free_list list = {.damaged = report->address};
	addr_t block = get(walk->allocator, pool, POOL_FREE_BLOCK);
	uint32_t end = report->header + carved * report->block_size;

	memset(walk->is_free, 0, report->capacity);
	for (; block; list.count++) {
		uint64_t offset = block - report->address;
		uint64_t number = (offset - report->header) / report->block_size;

		/* A freed block's first word links to the next one, so a link that
		 * leaves its pool means corruption, not a long list. */
		if (offset < report->header || offset >= end ||
		    (offset - report->header) % report->block_size || walk->is_free[number])
			return list;
		walk->is_free[number] = 1;
		list.damaged = block;
		memcpy(&block, pool + offset, sizeof(block));
	}
	list.damaged = 0;
	return list;
}

/* Debug hooks are around all blocks or none. */
static bool any_has_pads(const struct walk *walk, const uint8_t *bytes,
			 const struct pool_report *pool, uint32_t carved)
{
	if (pool->block_size < PAD_BYTES_BEFORE + PAD_BYTES_AFTER)
		return false;
	for (uint32_t i = 0; i < carved; i++)
		if (!walk->is_free[i] &&
		    debug_pads_begin(bytes + pool->header + (size_t)i * pool->block_size))
			return true;
	return false;
}

static void report_blocks(struct walk *walk, const uint8_t *bytes,
			  const struct pool_report *pool, uint32_t carved)
{
	if (!walk->visitor->block)
		return;
	walk->has_pads = walk->has_pads || any_has_pads(walk, bytes, pool, carved);
	for (uint32_t i = 0; i < carved; i++) {
		struct block_report block = {
			.address = pool->address + pool->header + (addr_t)i * pool->block_size,
			.size = pool->block_size,
			.state = BLOCK_USED,
		};

		if (walk->is_free[i])
			continue;
		if (walk->has_pads && block.size >= PAD_BYTES_BEFORE + PAD_BYTES_AFTER)
			debug_pads_read(&block, bytes + (block.address - pool->address), true);
		walk->visitor->block(walk->visitor->context, &block);
	}
}

/* Blocks that were ever given out.  nextoffset may stand past the last block that fits. */
static uint32_t carved_blocks(const struct allocator *allocator, const uint8_t *pool,
			      const struct pool_report *report)
{
	uint64_t next = get(allocator, pool, POOL_NEXT_OFFSET);
	uint64_t carved =
		next < report->header ? 0 : (next - report->header) / report->block_size;

	return carved < report->capacity ? (uint32_t)carved : report->capacity;
}

static struct pool_report pool_of(const struct allocator *allocator, addr_t address,
				  uint64_t block_size)
{
	struct pool_report report = {.address = address,
				     .size = allocator->pool_size,
				     .header = allocator->header_size,
				     .block_size = (uint32_t)block_size};

	report.capacity = (report.size - report.header) / report.block_size;
	return report;
}

/* Do the free list and the count of used blocks go together for blocks of that size? */
static bool is_consistent(const struct walk *walk, const uint8_t *pool, addr_t address,
			  uint64_t block_size)
{
	struct pool_report report = pool_of(walk->allocator, address, block_size);
	uint32_t carved = carved_blocks(walk->allocator, pool, &report);
	struct free_list list = mark_free_blocks(walk, pool, &report, carved);

	return !list.damaged && carved - list.count == get(walk->allocator, pool, POOL_COUNT);
}

static bool is_block_size(uint64_t size)
{
	return size && size % ALIGNMENT == 0 && size / ALIGNMENT <= MOST_CLASSES;
}

/* Bytes of the pool's blocks, as its class or its last offset says; 0: neither is sound. */
static uint64_t block_size_of(const struct walk *walk, const uint8_t *pool, addr_t address,
			      bool *ret_agree)
{
	uint64_t sizes[] = {
		(get(walk->allocator, pool, POOL_CLASS) + 1) * ALIGNMENT,
		walk->allocator->pool_size - get(walk->allocator, pool, POOL_MOST_OFFSET),
	};

	*ret_agree = is_block_size(sizes[0]) && sizes[0] == sizes[1];
	if (*ret_agree)
		return sizes[0];
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++)
		if (is_block_size(sizes[i]) && is_consistent(walk, pool, address, sizes[i]))
			return sizes[i];
	return is_block_size(sizes[0]) == is_block_size(sizes[1]) ? 0
	       : is_block_size(sizes[0])                          ? sizes[0]
								  : sizes[1];
}

static void record_writer(const struct walk *walk, addr_t writer)
{
	if (writer)
		anomaly_record(walk->anomalies, STAGE, writer,
			       "a block lies before damaged memory: likely it was written past "
			       "its end");
}

static void record_link(const struct walk *walk, const struct pool_report *pool, addr_t damaged)
{
	anomaly_record(walk->anomalies, STAGE, damaged, "a pool's free list is damaged");
	if (damaged == pool->address)
		record_writer(walk, walk->last_block);
	else if (damaged >= pool->address + pool->header + pool->block_size)
		record_writer(walk, damaged - pool->block_size);
}

static void visit_used_pool(struct walk *walk, const uint8_t *pool, addr_t address)
{
	const struct allocator *allocator = walk->allocator;
	bool is_sound;
	uint64_t block_size = block_size_of(walk, pool, address, &is_sound);
	struct pool_report report;
	struct free_list list;
	uint32_t carved;

	if (!is_sound) {
		anomaly_record(walk->anomalies, STAGE, address, "a pool's header is damaged");
		record_writer(walk, walk->last_block);
	}
	walk->last_block = 0;
	if (!block_size)
		return;
	report = pool_of(allocator, address, block_size);
	carved = carved_blocks(allocator, pool, &report);
	list = mark_free_blocks(walk, pool, &report, carved);
	if (list.damaged)
		record_link(walk, &report, list.damaged);
	report.used = carved - list.count;
	if (report.used != get(allocator, pool, POOL_COUNT))
		anomaly_record(walk->anomalies, STAGE, address,
			       "a pool's count of used blocks differs from its free list");
	walk->arena.used += (uint64_t)report.used * report.block_size;
	walk->arena.free += (uint64_t)(report.capacity - report.used) * report.block_size;
	walk->last_block =
		address + report.header + (addr_t)(report.capacity - 1) * report.block_size;
	if (walk->visitor->pool)
		walk->visitor->pool(walk->visitor->context, &report);
	report_blocks(walk, pool, &report, carved);
}

/* One that was in use keeps its class; one that never was has none yet. */
static void check_free_pool(const struct walk *walk, const uint8_t *pool, addr_t address)
{
	bool is_sound;

	block_size_of(walk, pool, address, &is_sound);
	if (is_sound || get(walk->allocator, pool, POOL_CLASS) == NO_CLASS)
		return;
	anomaly_record(walk->anomalies, STAGE, address, "a pool's header is damaged");
	record_writer(walk, walk->last_block);
}

static void visit_free_pool(struct walk *walk, const uint8_t *pool, addr_t address)
{
	struct pool_report report = {.address = address,
				     .size = walk->allocator->pool_size,
				     .header = walk->allocator->header_size};

	check_free_pool(walk, pool, address);
	walk->last_block = 0;
	walk->arena.free_pools++;
	if (walk->visitor->pool)
		walk->visitor->pool(walk->visitor->context, &report);
}

/* A carved pool without a block in use is a free one: it stands in the arena's freepools. */
static void visit_pools(struct walk *walk, addr_t first, addr_t end)
{
	const struct allocator *allocator = walk->allocator;

	for (addr_t address = first; address < end; address += allocator->pool_size) {
		const uint8_t *pool = image_view(allocator->image, address,
						 allocator->pool_size, &walk->hint);

		if (!pool)
			anomaly_record(walk->anomalies, STAGE, address,
				       "a pool is not in the dump");
		else if (get(allocator, pool, POOL_COUNT) == 0)
			visit_free_pool(walk, pool, address);
		else
			visit_used_pool(walk, pool, address);
		walk->arena.pools++;
	}
}

/* Arenas are powers of two; the part before the first aligned pool is lost. */
static uint64_t arena_size(const struct allocator *allocator, uint64_t pools)
{
	uint64_t size = allocator->pool_size;

	while (size < pools * allocator->pool_size)
		size *= 2;
	return size;
}

static void visit_arena(struct walk *walk, const uint8_t *bytes, uint32_t usable)
{
	const struct allocator *allocator = walk->allocator;
	addr_t address = get(allocator, bytes, ARENA_ADDRESS);
	addr_t end = get(allocator, bytes, ARENA_POOL_ADDRESS);
	uint64_t total = get(allocator, bytes, ARENA_POOL_COUNT);
	addr_t first = first_pool(address, allocator->pool_size);

	if (!address)
		return;
	if (total > MOST_POOLS || end < first || (end - first) / allocator->pool_size > total ||
	    (end - first) % allocator->pool_size) {
		anomaly_record(walk->anomalies, STAGE, address, "an arena's pools are damaged");
		return;
	}
	walk->last_block = 0;
	walk->arena = (struct arena_report){.address = address,
					    .size = arena_size(allocator, total),
					    .usable = usable,
					    .stays_last = allocator->keeps_last};
	visit_pools(walk, first, end);
	/* Pools never carved are free, too. */
	walk->arena.free_pools += (uint32_t)(total - walk->arena.pools);
	walk->arena.pools = (uint32_t)total;
	if (walk->visitor->arena)
		walk->visitor->arena(walk->visitor->context, &walk->arena);
}

struct arena_entry {
	addr_t address;
	uint32_t index;
	uint32_t usable; /* place in the list of those with free pools; 0: in none */
};

static int compare_entries(const void *left, const void *right)
{
	addr_t a = ((const struct arena_entry *)left)->address;
	addr_t b = ((const struct arena_entry *)right)->address;

	return a < b ? -1 : a > b;
}

/* Numbers the arenas of the list from 1 on; `entries` are all, by their index. */
static void number_usable(struct walk *walk, struct arena_entry *entries, size_t count)
{
	const struct allocator *allocator = walk->allocator;
	addr_t next = allocator->first_usable;
	uint32_t place = 0;

	/* No arena is in the list twice: that ends it, however it is damaged. */
	while (next >= allocator->arenas) {
		size_t index = (next - allocator->arenas) / allocator->arena_stride;

		if (index >= count || entries[index].usable || !entries[index].address ||
		    (next - allocator->arenas) % allocator->arena_stride)
			return;
		entries[index].usable = ++place;
		next = get(allocator, arena_bytes(allocator, entries[index].index, &walk->hint),
			   ARENA_NEXT);
	}
}

static void pymalloc_each(const struct allocator *allocator, const struct heap_visitor *visitor)
{
	struct walk walk = {.allocator = allocator,
			    .visitor = visitor,
			    .anomalies = target_anomalies(allocator->target)};
	VECTOR_OF(struct arena_entry) entries = {0};

	walk.is_free = malloc(LARGEST_POOL / ALIGNMENT);
	for (uint32_t i = 0; walk.is_free && allocator->pool_size && i < allocator->arena_count;
	     i++) {
		const uint8_t *bytes = arena_bytes(allocator, i, &walk.hint);

		if (bytes)
			vector_push(&entries,
				    ((struct arena_entry){get(allocator, bytes, ARENA_ADDRESS),
							  i, 0}));
	}
	if (entries.count == allocator->arena_count)
		number_usable(&walk, entries.items, entries.count);
	if (entries.count)
		qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
	vector_each (&entries, entry)
		visit_arena(&walk, arena_bytes(allocator, entry->index, &walk.hint),
			    entry->usable);
	vector_release(&entries);
	free(walk.is_free);
}

const struct allocator_ops pymalloc_allocator = {
	.name = "pymalloc",
	.attach = pymalloc_attach,
	.each = pymalloc_each,
	.detach = pymalloc_detach,
};
