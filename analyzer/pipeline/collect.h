/*
 * What the allocators and the runtime report, gathered: objects and references into a graph
 * builder, everything else into arrays in the order it came.
 */
#ifndef PIPELINE_COLLECT_H
#define PIPELINE_COLLECT_H

#include "base/arena.h"
#include "base/names.h"
#include "base/vector.h"
#include "graph/builder.h"
#include "heap/allocator.h"
#include "runtime/runtime.h"

struct collected_arena {
	const char *allocator;
	struct arena_report report;
};

struct collected_pool {
	uint32_t arena; /* index of arenas */
	struct pool_report report;
};

struct collection {
	struct arena *arena;
	struct names *labels;
	struct graph_builder *builder;
	const struct allocator_ops *allocator;    /* the one that reports now */
	VECTOR_OF(struct collected_arena) arenas; /* native ones first; each kind ascends */
	size_t native_arenas;                     /* how many those are */
	const char *native_allocator;             /* "glibc"; NULL: none is known */
	struct heap_limits limits;                /* the native allocator's */
	VECTOR_OF(struct collected_pool) pools;
	VECTOR_OF(struct block_report) blocks; /* small-object blocks in use; ascending */
	VECTOR_OF(struct block_report)
	native_blocks; /* of the C library, in all states; ascending */
	VECTOR_OF(struct address_range) allocator_states; /* outside the arenas; in no order */
	VECTOR_OF(struct type_report) types; /* like threads and frames, strings in the arena */
	VECTOR_OF(struct claim_report) claims;
	VECTOR_OF(struct struct_report) natives; /* C structs that are no objects */
	VECTOR_OF(struct thread_report) threads;
	VECTOR_OF(struct frame_report) frames;
	VECTOR_OF(addr_t) root_words; /* where roots stand */
	VECTOR_OF(struct collector_report) collectors;
};

bool collection_init(struct collection *collection, struct error *err);
void collection_release(struct collection *collection);

/* Everything an attached allocator has; the outermost allocator comes first. */
bool collect_heap(struct collection *collection, const struct allocator_ops *ops,
		  const struct allocator *allocator, struct error *err);
/* Everything the runtime knows.  Claims are sorted by address afterwards. */
bool collect_runtime(struct collection *collection, const struct runtime_ops *ops,
		     struct runtime *runtime, struct error *err);

/* To be called after claims were added: lookups need their order. */
void collection_sort_claims(struct collection *collection);

/* The claim that has the address, an owner's before nobody's; NULL if none. */
const struct claim_report *collection_claim_at(const struct collection *collection,
					       addr_t address);
/* Only that less than the whole block holds nothing: that says nothing of the block. */
static inline bool claim_is_unused_part(const struct claim_report *claim,
					const struct block_report *block)
{
	return claim->cached && claim->size < block->size;
}

/* The claim that says what a block is for, and not just that a part of it is unused; or NULL. */
const struct claim_report *collection_claim_of(const struct collection *collection,
					       const struct block_report *block);
/* The C library's block that has the address, whatever its state; NULL if none. */
const struct block_report *collection_native_block_at(const struct collection *collection,
						      addr_t address);
/* The small-object arena that has the address; NULL if none. */
const struct collected_arena *collection_arena_at(const struct collection *collection,
						  addr_t address);
/* The same of the C library's. */
const struct collected_arena *collection_native_arena_at(const struct collection *collection,
							 addr_t address);
/* The block in use, of any allocator, that has the address; the innermost.  NULL if none. */
const struct block_report *collection_used_block_at(const struct collection *collection,
						    addr_t address);
/* Of a block in use that begins at *address, what lies within its debug pads; else as it was. */
void collection_leave_pads(const struct collection *collection, addr_t *address,
			   uint64_t *size);
bool collection_is_root_word(const struct collection *collection, addr_t address);

/* A type's name for a sentence: "builtins.list" is list to who wrote the program. */
const char *type_short_name(const char *name);

#endif
