/*
 * The sums behind the accounts.  All bytes of the dump are counted with their mappings first;
 * whoever knows more moves them on, and no move takes more than is there: so the sum holds.
 *
 * A bucket may have parts, which only say more of its bytes: what of it is in no part is shown
 * as its rest, and parts that would exceed it are cut.
 */
#ifndef PIPELINE_ACCOUNT_H
#define PIPELINE_ACCOUNT_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* In the order they are shown. */
enum bucket {
	BUCKET_OBJECTS,
	BUCKET_OWNED,
	BUCKET_CACHED,
	BUCKET_UNKNOWN,
	BUCKET_FREE_BLOCKS,
	BUCKET_FREE_POOLS,
	BUCKET_OVERHEAD,
	BUCKET_NATIVE_OBJECTS,
	BUCKET_NATIVE_OWNED,
	BUCKET_NATIVE_USED,
	BUCKET_NATIVE_FREE,
	BUCKET_NATIVE_CACHED,
	BUCKET_NATIVE_TOP,
	BUCKET_NATIVE_HEADERS,
	BUCKET_ANONYMOUS,
	BUCKET_STACKS,
	BUCKET_TLS,
	BUCKET_LINKER,
	BUCKET_TRAMPOLINES,
	BUCKET_DATA,
	BUCKET_CODE,
	BUCKET_FILES,
	BUCKET_RESERVED,
	BUCKET_KERNEL,
	BUCKET_COUNT
};

/* mappings.kind, and the bucket of what nobody knows more of. */
struct mapping_use {
	const char *kind;
	enum bucket bucket;
	uint64_t left; /* dumped bytes that are still counted there */
};

/* What raw blocks are for, in sums. */
enum raw_use {
	RAW_KEYS,
	RAW_ITEMS,
	RAW_SETS,
	RAW_VALUES,
	RAW_BUFFERS,
	RAW_STACKS,
	RAW_STRUCTS,
	RAW_PRIVATE, /* see private_memory.h */
	RAW_RUNTIME, /* no object's: the runtime's own */
	RAW_COUNT
};

struct account_part {
	enum bucket bucket;
	const char *name,
		*other_name; /* unique; the other one if the first is taken, or NULL */
	uint64_t bytes, count;
};

struct account_sum {
	uint64_t bytes, count;
};

struct account {
	struct target *target;
	const struct image *image;
	const struct collection *collection;
	struct snapshot *snapshot;
	struct mapping_use *uses;            /* [mappings] */
	const struct image_segment *segment; /* where the last bytes were counted; or NULL */
	struct account_sum sums[BUCKET_COUNT];
	/* Parts of the buckets of objects and of owned memory, in pools and outside. */
	struct account_sum objects[2][CATEGORY_COUNT], raw[2][RAW_COUNT];
	struct account_sum kept_stacks;       /* that threads which ended have left */
	VECTOR_OF(struct account_part) parts; /* of all others; in the order they are shown */
};

/* Counts one thing, whose bytes were in `from` until now. */
void account_move(struct account *account, enum bucket from, enum bucket to, uint64_t bytes);

/* The bytes at the address are counted elsewhere than with their mapping from now on. */
void account_take(struct account *account, addr_t address, uint64_t bytes);

/* One thing of these bytes is an object, or raw memory of the kind that its claim says. */
void account_object_part(struct account *account, bool outside, uint32_t object,
			 uint64_t bytes);
void account_raw_part(struct account *account, bool outside, const struct claim_report *claim,
		      uint64_t bytes);

/* How many of the bytes the dump has. */
uint64_t account_dumped(struct account *account, addr_t address, uint64_t size);

/* How the mapping with the address is used; NULL where there is none. */
struct mapping_use *account_use_at(const struct account *account, addr_t address);

/* Where the bytes at an address are counted once the C library's blocks are; false: nowhere. */
bool account_bucket_at(const struct account *account, addr_t address, enum bucket *ret);

#endif
