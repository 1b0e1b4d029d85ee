/*
 * The sums behind the accounts.  All bytes of the dump are counted with their mappings first;
 * whoever knows more moves them on, and no move takes more than is there: so the sum holds.
 */
#ifndef PIPELINE_ACCOUNT_H
#define PIPELINE_ACCOUNT_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* The leaves, in the order they are shown. */
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
	BUCKET_DATA,
	BUCKET_CODE,
	BUCKET_FILES,
	BUCKET_COUNT
};

struct account {
	const struct target *target;
	const struct image *image;
	const struct collection *collection;
	struct snapshot *snapshot;
	const struct image_segment *segment; /* where the last bytes were counted; or NULL */
	uint64_t bytes[BUCKET_COUNT], count[BUCKET_COUNT];
};

/* Counts one thing, whose bytes were in `from` until now. */
void account_move(struct account *account, enum bucket from, enum bucket to, uint64_t bytes);

/* How many of the bytes the dump has. */
uint64_t account_dumped(struct account *account, addr_t address, uint64_t size);

/* mappings.kind, and the bucket of what nobody knows more of. */
const char *account_kind(const struct account *account, const struct image_mapping *mapping,
			 enum bucket *ret_bucket);

/* Where the bytes at an address are counted once the C library's blocks are; false: nowhere. */
bool account_bucket_at(const struct account *account, addr_t address, enum bucket *ret);

/* The object with exactly this address, or OBJECT_NONE. */
uint32_t account_object(const struct account *account, addr_t address);

#endif
