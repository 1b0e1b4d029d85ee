#include "pipeline/collect.h"

#include "base/search.h"

#include <stdlib.h>

bool collection_init(struct collection *collection, struct error *err)
{
	*collection = (struct collection){
		.arena = arena_create(),
		.labels = names_create(),
		.builder = graph_builder_create(),
	};
	if (!collection->arena || !collection->labels || !collection->builder)
		return error_out_of_memory(err, "collecting objects");
	return true;
}

void collection_release(struct collection *collection)
{
	arena_free(collection->arena);
	names_free(collection->labels);
	if (collection->builder)
		graph_builder_free(collection->builder);
	vector_release(&collection->arenas);
	vector_release(&collection->pools);
	vector_release(&collection->blocks);
	vector_release(&collection->native_blocks);
	vector_release(&collection->allocator_states);
	vector_release(&collection->types);
	vector_release(&collection->claims);
	vector_release(&collection->natives);
	vector_release(&collection->threads);
	vector_release(&collection->frames);
	vector_release(&collection->root_words);
	vector_release(&collection->collectors);
}

static const char *keep(struct collection *collection, const char *text)
{
	const char *copy = arena_string(collection->arena, text);

	return copy ? copy : "";
}

static void take_pool(void *context, const struct pool_report *pool)
{
	struct collection *collection = context;

	vector_push(&collection->pools,
		    ((struct collected_pool){(uint32_t)collection->arenas.count, *pool}));
}

static void take_arena(void *context, const struct arena_report *arena)
{
	struct collection *collection = context;

	vector_push(&collection->arenas,
		    ((struct collected_arena){collection->allocator->name, *arena}));
	if (collection->allocator->is_native)
		collection->native_arenas = collection->arenas.count;
}

static void take_block(void *context, const struct block_report *block)
{
	struct collection *collection = context;

	if (collection->allocator->is_native)
		vector_push(&collection->native_blocks, *block);
	else
		vector_push(&collection->blocks, *block);
}

static void take_limits(void *context, const struct heap_limits *limits)
{
	((struct collection *)context)->limits = *limits;
}

static void take_state(void *context, struct address_range range)
{
	struct collection *collection = context;

	vector_push(&collection->allocator_states, range);
}

static int compare_blocks(const void *left, const void *right)
{
	const struct block_report *a = left, *b = right;

	return addr_compare(&a->address, &b->address);
}

/* Blocks in mappings of their own come last, and lie anywhere. */
static void sort_native_blocks(struct collection *collection)
{
	const struct block_report *items = collection->native_blocks.items;

	for (size_t i = 1; i < collection->native_blocks.count; i++)
		if (items[i].address < items[i - 1].address) {
			qsort(collection->native_blocks.items, collection->native_blocks.count,
			      sizeof(*items), compare_blocks);
			return;
		}
}

bool collect_heap(struct collection *collection, const struct allocator_ops *ops,
		  const struct allocator *allocator, struct error *err)
{
	struct heap_visitor visitor = {.context = collection,
				       .arena = take_arena,
				       .pool = take_pool,
				       .block = take_block,
				       .limits = take_limits,
				       .state = take_state};

	collection->allocator = ops;
	if (ops->is_native)
		collection->native_allocator = ops->name;
	ops->each(allocator, &visitor);
	if (collection->blocks.failed || collection->pools.failed ||
	    collection->arenas.failed || collection->native_blocks.failed ||
	    collection->allocator_states.failed)
		return error_out_of_memory(err, "reading the allocator's blocks");
	if (ops->is_native)
		sort_native_blocks(collection);
	return true;
}

static uint32_t take_label(void *context, const char *name)
{
	uint32_t label = names_add(((struct collection *)context)->labels, name);

	return label == NAME_NONE ? 0 : label;
}

static void take_type(void *context, const struct type_report *type)
{
	struct collection *collection = context;
	struct type_report taken = *type;

	taken.name = keep(collection, type->name);
	taken.struct_name = keep(collection, type->struct_name);
	vector_push(&collection->types, taken);
}

static void take_object(void *context, const struct object_report *object)
{
	struct graph_object taken = {.address = object->address,
				     .size = object->size,
				     .refcount = object->refcount,
				     .type = object->type,
				     .flags = object->flags,
				     .generation = object->generation};

	graph_builder_object(((struct collection *)context)->builder, &taken);
	if (object->owned)
		graph_builder_owned(((struct collection *)context)->builder, object->owned);
}

static void take_reference(void *context, addr_t target, uint32_t label,
			   enum reference_kind kind)
{
	graph_builder_reference(((struct collection *)context)->builder, target, label, kind);
}

static void take_skip(void *context, uint32_t count)
{
	graph_builder_skip(((struct collection *)context)->builder, count);
}

static void take_root(void *context, addr_t target, const struct graph_root *root)
{
	struct collection *collection = context;

	if (root->address && !root_is_guess(root->kind))
		vector_push(&collection->root_words, root->address);
	graph_builder_root(collection->builder, target, root);
}

static void take_claim(void *context, const struct claim_report *claim)
{
	struct collection *collection = context;

	vector_push(&collection->claims, *claim);
}

static void take_native(void *context, const struct struct_report *native)
{
	struct collection *collection = context;

	vector_push(&collection->natives, *native);
}

static void take_thread(void *context, const struct thread_report *thread)
{
	struct collection *collection = context;
	struct thread_report taken = *thread;

	taken.name = keep(collection, thread->name);
	vector_push(&collection->threads, taken);
}

static void take_frame(void *context, const struct frame_report *frame)
{
	struct collection *collection = context;
	struct frame_report taken = *frame;

	taken.function = keep(collection, frame->function);
	taken.file = keep(collection, frame->file);
	vector_push(&collection->frames, taken);
}

static void take_collector(void *context, const struct collector_report *collector)
{
	struct collection *collection = context;

	vector_push(&collection->collectors, *collector);
}

/* By address; of two with the same address the one that has an owner comes last. */
static int compare_claims(const void *left, const void *right)
{
	const struct claim_report *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->owner != 0) - (b->owner != 0);
}

void collection_sort_claims(struct collection *collection)
{
	if (collection->claims.count)
		qsort(collection->claims.items, collection->claims.count,
		      sizeof(*collection->claims.items), compare_claims);
}

/*
 * What an owner uses of a block ends with the block, whatever a damaged count says.  The pads
 * around it are no one's, and go with it.
 */
static void settle_claim(struct collection *collection, struct claim_report *claim)
{
	const struct block_report *block = collection_used_block_at(collection, claim->address);
	addr_t user = block ? block_user(block) : claim->address;
	addr_t end = block ? user + block_user_size(block) : claim->address + claim->size;
	uint64_t room = claim->address < end ? end - claim->address : 0;

	if (claim->size == CLAIM_WHOLE_BLOCK)
		claim->size = block && user == claim->address ? room : 0;
	if (block && claim->size > room)
		claim->size = room;
	if (claim->exclusive && claim->owner && claim->size)
		graph_builder_owned_by(collection->builder, claim->owner, claim->size);
	if (block && block->pads && user == claim->address && claim->size) {
		claim->address = block->address;
		claim->size = claim->size == room ? block->size
						  : claim->size + (user - block->address);
	}
}

bool collect_runtime(struct collection *collection, const struct runtime_ops *ops,
		     struct runtime *runtime, struct error *err)
{
	struct runtime_visitor visitor = {
		.context = collection,
		.label = take_label,
		.type = take_type,
		.object = take_object,
		.reference = take_reference,
		.skip = take_skip,
		.root = take_root,
		.claim = take_claim,
		.native = take_native,
		.thread = take_thread,
		.frame = take_frame,
		.collector = take_collector,
	};
	struct heap_blocks blocks = {
		.blocks = collection->blocks.items,
		.count = collection->blocks.count,
		.native = collection->native_blocks.items,
		.native_count = collection->native_blocks.count,
	};

	if (!ops->walk(runtime, &blocks, &visitor, err))
		return false;
	collection_sort_claims(collection);
	vector_each (&collection->claims, claim)
		settle_claim(collection, claim);
	if (collection->root_words.count)
		qsort(collection->root_words.items, collection->root_words.count,
		      sizeof(addr_t), addr_compare);
	if (collection->claims.failed || collection->types.failed ||
	    collection->natives.failed || collection->root_words.failed ||
	    collection->collectors.failed)
		return error_out_of_memory(err, "collecting objects");
	return true;
}

const struct claim_report *collection_claim_at(const struct collection *collection,
					       addr_t address)
{
	size_t count = count_leading(collection->claims.count, i,
				     collection->claims.items[i].address <= address);
	const struct claim_report *claim = count ? &collection->claims.items[count - 1] : NULL;

	return claim && address - claim->address < claim->size ? claim : NULL;
}

const struct claim_report *collection_claim_of(const struct collection *collection,
					       const struct block_report *block)
{
	const struct claim_report *claims = collection->claims.items;
	size_t count = collection->claims.count;
	size_t at = count_leading(count, i, claims[i].address < block->address);

	if (at && block->address - claims[at - 1].address < claims[at - 1].size)
		return &claims[at - 1];
	for (; at < count && claims[at].address - block->address < block->size; at++)
		if (!claim_is_unused_part(&claims[at], block))
			return &claims[at];
	return NULL;
}

const struct block_report *collection_native_block_at(const struct collection *collection,
						      addr_t address)
{
	return block_among(collection->native_blocks.items, collection->native_blocks.count,
			   address);
}

/* Among `total` of the arenas, from the one with the number `first` on. */
static const struct collected_arena *arena_among(const struct collection *collection,
						 size_t first, size_t total, addr_t address)
{
	const struct collected_arena *arenas = collection->arenas.items;
	size_t count = count_leading(total, i, arenas[first + i].report.address <= address);
	const struct collected_arena *arena = count ? &arenas[first + count - 1] : NULL;

	return arena && address - arena->report.address < arena->report.size ? arena : NULL;
}

const struct collected_arena *collection_arena_at(const struct collection *collection,
						  addr_t address)
{
	return arena_among(collection, collection->native_arenas,
			   collection->arenas.count - collection->native_arenas, address);
}

const struct collected_arena *collection_native_arena_at(const struct collection *collection,
							 addr_t address)
{
	return arena_among(collection, 0, collection->native_arenas, address);
}

bool collection_is_root_word(const struct collection *collection, addr_t address)
{
	return collection->root_words.count &&
	       bsearch(&address, collection->root_words.items, collection->root_words.count,
		       sizeof(addr_t), addr_compare);
}

const struct block_report *collection_used_block_at(const struct collection *collection,
						    addr_t address)
{
	const struct block_report *block =
		block_among(collection->blocks.items, collection->blocks.count, address);

	if (!block)
		block = collection_native_block_at(collection, address);
	return block && block->state == BLOCK_USED ? block : NULL;
}

void collection_leave_pads(const struct collection *collection, addr_t *address, uint64_t *size)
{
	const struct block_report *block = collection_used_block_at(collection, *address);

	if (!block || block->address != *address)
		return;
	*address = block_user(block);
	*size = block_user_size(block);
}

const char *type_short_name(const char *name)
{
	static const char builtins[] = "builtins.";

	return strncmp(name, builtins, strlen(builtins)) ? name : name + strlen(builtins);
}
