/*
 * Reader of sqlite3.Connection: memory that SQLite has behind it and that holds nothing now.  It
 * comes from malloc and is never cleared, so what it was before still stands in it.  Of the rest
 * nothing is said: what a program registers with SQLite may stand there.
 *
 *   STRUCT     OFFSET  SIZE  MEANING
 *   sqlite3        32     8  aDb, an array of Db
 *   sqlite3        40     4  nDb
 *   Db              8     8  pBt, a Btree, or NULL (32 bytes a Db)
 *   Btree           0     8  db, the sqlite3 again
 *   Btree           8     8  pBt, a BtShared
 *   BtShared        0     8  pPager
 *   BtShared        8     8  db, the sqlite3 again; another one's where the cache is shared
 *   Lookaside       6     2  szTrue, bytes of a big slot
 *   Lookaside      12     4  nSlot, slots of both sizes
 *   Lookaside      32    32  pInit, pFree, pSmallInit, pSmallFree: lists of free slots, which
 *                            their first words link
 *   Lookaside      64    24  pMiddle, pStart, pEnd: big slots from the second to the first,
 *                            small ones from the first to the third
 *   (any)          -8     8  bytes that were asked for, or the C library's size of the chunk
 *
 * As in sqliteInt.h, btreeInt.h, pager.c, mem1.c and main.c of SQLite 3.31 to 3.53, of which there
 * is hardly ever debug info.  A build may lay them out otherwise: nothing is claimed but what
 * the structs say of each other.
 */
#include "runtime/cpython/readers.h"

#define MOST_DATABASES  128                 /* attached ones, the first two included */
#define LARGEST_STRUCT  ((uint64_t)1 << 16) /* bytes of a sqlite3 or Pager: far more than any */
#define MOST_SCANNED    ((uint64_t)1 << 26) /* bytes of a connection: its pages may be many */
#define MOST_SLOTS      ((uint32_t)1 << 16)
#define SMALL_SLOT      128 /* bytes */
#define SMALLEST_PAGE   512
#define LARGEST_PAGE    65536
#define BEHIND_PAGE     8 /* bytes of a pager's scratch page that follow the page */
#define FREE_SLOT_LISTS 4
#define MALLOC_STEP     16 /* its blocks are as many bytes, less 8, as this has multiples */

enum sqlite_offset {
	SIZE_BEFORE = 8,
	DATABASES_AT = 32,
	DATABASE_COUNT_AT = 40,
	DATABASE_TREE_AT = 8,
	DATABASE_SIZE = 32,
	TREE_CONNECTION_AT = 0,
	TREE_SHARED_AT = 8,
	SHARED_PAGER_AT = 0,
	SHARED_CONNECTION_AT = 8,
	LOOKASIDE_SLOT_SIZE_AT = 6,
	LOOKASIDE_SLOT_COUNT_AT = 12,
	LOOKASIDE_LISTS_AT = 32,
	LOOKASIDE_MIDDLE_AT = 64,
	LOOKASIDE_START_AT = 72,
	LOOKASIDE_END_AT = 80,
	LOOKASIDE_SIZE = 88,
};

struct lookaside {
	addr_t start, middle, end; /* big slots, then small ones */
	uint32_t slot_size, slot_count;
	addr_t lists[FREE_SLOT_LISTS]; /* two of big slots, two of small ones */
};

/* A struct of SQLite's, as large as its allocation; NULL if there is none. */
static const uint8_t *view_struct(struct walk *walk, addr_t address, uint64_t *ret_size)
{
	uint64_t size;

	if (!image_read_u64(walk->python->image, address - SIZE_BEFORE, &size))
		return NULL;
	*ret_size = size & ~(uint64_t)7;
	if (*ret_size > LARGEST_STRUCT)
		return NULL;
	return image_view(walk->python->image, address, *ret_size, &walk->hint);
}

/* Is one at these bytes?  The slots of both sizes fill what they lie in. */
static bool lookaside_at(const uint8_t *bytes, struct lookaside *ret)
{
	uint16_t slot_size;

	memcpy(&slot_size, bytes + LOOKASIDE_SLOT_SIZE_AT, sizeof(slot_size));
	memcpy(&ret->slot_count, bytes + LOOKASIDE_SLOT_COUNT_AT, sizeof(ret->slot_count));
	ret->slot_size = slot_size;
	ret->middle = word_at(bytes + LOOKASIDE_MIDDLE_AT);
	ret->start = word_at(bytes + LOOKASIDE_START_AT);
	ret->end = word_at(bytes + LOOKASIDE_END_AT);
	for (size_t i = 0; i < FREE_SLOT_LISTS; i++)
		ret->lists[i] = word_at(bytes + LOOKASIDE_LISTS_AT + i * 8);
	if (slot_size < SMALL_SLOT || !ret->slot_count || ret->slot_count > MOST_SLOTS ||
	    !ret->start || ret->middle < ret->start || ret->end < ret->middle)
		return false;
	return (ret->middle - ret->start) % slot_size == 0 &&
	       (ret->end - ret->middle) % SMALL_SLOT == 0 &&
	       (ret->middle - ret->start) / slot_size + (ret->end - ret->middle) / SMALL_SLOT ==
		       ret->slot_count;
}

/* The slots of a list lie in [start, end); a link to elsewhere is damage, and ends it. */
static void claim_list(struct walk *walk, addr_t slot, addr_t start, addr_t end, uint32_t size)
{
	for (uint64_t i = 0; i < (end - start) / size; i++) {
		if (slot < start || slot >= end || (slot - start) % size)
			return;
		walk_claim_unused(walk, slot, size, "sqlite-lookaside");
		if (!image_read_u64(walk->python->image, slot, &slot))
			return;
	}
}

static void claim_lookaside(struct walk *walk, const uint8_t *connection, uint64_t size)
{
	for (uint64_t at = 0; at + LOOKASIDE_SIZE <= size; at += 8) {
		struct lookaside slots;

		if (!lookaside_at(connection + at, &slots))
			continue;
		for (size_t i = 0; i < FREE_SLOT_LISTS; i++)
			if (i < FREE_SLOT_LISTS / 2)
				claim_list(walk, slots.lists[i], slots.start, slots.middle,
					   slots.slot_size);
			else
				claim_list(walk, slots.lists[i], slots.middle, slots.end,
					   SMALL_SLOT);
		return;
	}
}

/* Is a page and eight bytes what was asked for there? */
static bool is_scratch_page(const struct walk *walk, addr_t page, uint64_t *ret_size)
{
	uint64_t size = 0;

	if (!page || page % 8 ||
	    !image_read_u64(walk->python->image, page - SIZE_BEFORE, ret_size))
		return false;
	size = *ret_size - BEHIND_PAGE;
	return size >= SMALLEST_PAGE && size <= LARGEST_PAGE && !(size & (size - 1));
}

/* A pager's scratch page is where it puts pages together; the function before it gets pages. */
static void claim_scratch_page(struct walk *walk, addr_t pager)
{
	uint64_t size = 0, page_size;
	const uint8_t *bytes = view_struct(walk, pager, &size);

	for (uint64_t at = 8; bytes && at + 8 <= size; at += 8) {
		addr_t page = word_at(bytes + at);

		if (!is_scratch_page(walk, page, &page_size) ||
		    !walk_module_span(walk, word_at(bytes + at - 8)))
			continue;
		walk_claim_unused(walk, page, page_size, "sqlite-page");
		return;
	}
}

/*
 * Is it an allocation of SQLite's?  The block begins with the number of bytes that were asked
 * for, and is as large as malloc makes it for these.
 */
static bool is_allocation(const struct walk *walk, const struct block_report *block,
			  uint64_t *ret_size)
{
	uint64_t room = block->size - SIZE_BEFORE;

	return image_read_u64(walk->python->image, block->address, ret_size) &&
	       *ret_size % 8 == 0 && *ret_size <= room && room - *ret_size < MALLOC_STEP;
}

struct allocations {
	VECTOR_OF(addr_t) pending;
};

static void meet_allocation(struct walk *walk, struct allocations *found, addr_t address)
{
	const struct block_report *block;
	uint64_t size, slack;

	if (address % MALLOC_STEP != SIZE_BEFORE)
		return;
	block = walk_native_block(walk, address);
	if (!block || block->address != address - SIZE_BEFORE ||
	    !is_allocation(walk, block, &size) || !address_set_add(walk->claimed, address))
		return;
	slack = block->size - SIZE_BEFORE - size;
	if (slack)
		walk_claim_unused(walk, address + size, slack, "sqlite-slack");
	vector_push(&found->pending, address);
}

/*
 * From the connection to everything that its memory leads to: malloc rounds up, and the bytes
 * that nobody asked for are not SQLite's.
 */
static void claim_slack(struct walk *walk, addr_t connection)
{
	struct allocations found = {0};
	uint64_t scanned = 0, size = 0;

	meet_allocation(walk, &found, connection);
	for (size_t i = 0; i < found.pending.count && scanned < MOST_SCANNED; i++) {
		const uint8_t *bytes = view_struct(walk, found.pending.items[i], &size);

		for (uint64_t at = 0; bytes && at + 8 <= size; at += 8)
			meet_allocation(walk, &found, word_at(bytes + at));
		scanned += size;
	}
	vector_release(&found.pending);
}

/* Zero if the structs do not refer to each other as they should. */
static addr_t pager_of(const struct walk *walk, addr_t connection, addr_t database)
{
	const struct image *image = walk->python->image;
	addr_t tree, shared, pager, tree_connection, shared_connection;

	if (!image_read_u64(image, database + DATABASE_TREE_AT, &tree) || !tree ||
	    !image_read_u64(image, tree + TREE_CONNECTION_AT, &tree_connection) ||
	    tree_connection != connection ||
	    !image_read_u64(image, tree + TREE_SHARED_AT, &shared) ||
	    !image_read_u64(image, shared + SHARED_CONNECTION_AT, &shared_connection) ||
	    shared_connection != connection ||
	    !image_read_u64(image, shared + SHARED_PAGER_AT, &pager))
		return 0;
	return pager;
}

static bool connection_of(const struct source *source, addr_t *ret)
{
	const struct plan *plan = source->type->plan;
	uint32_t id = plan ? debug_type_named(plan->debug, "pysqlite_Connection") : DEBUG_NONE;
	struct debug_field field;

	if (id == DEBUG_NONE || !debug_field(plan->debug, id, "db", &field) ||
	    field.offset + 8 > source->stored)
		return false;
	*ret = word_at(source->bytes + field.offset);
	return *ret; /* NULL: closed */
}

void sqlite_claim_unused(struct walk *walk, addr_t connection)
{
	uint64_t size = 0;
	const uint8_t *bytes = view_struct(walk, connection, &size);
	addr_t databases;
	uint32_t count;

	if (!bytes || size < LOOKASIDE_SIZE)
		return;
	databases = word_at(bytes + DATABASES_AT);
	memcpy(&count, bytes + DATABASE_COUNT_AT, sizeof(count));
	if (!count || count > MOST_DATABASES || !pager_of(walk, connection, databases))
		return;
	claim_slack(walk, connection);
	claim_lookaside(walk, bytes, size);
	for (uint32_t i = 0; i < count; i++) {
		addr_t pager = pager_of(walk, connection, databases + i * DATABASE_SIZE);

		if (pager)
			claim_scratch_page(walk, pager);
	}
}

void read_connection(struct walk *walk, const struct source *source)
{
	addr_t connection;

	if (!connection_of(source, &connection))
		return;
	sqlite_read_callables(walk, source, connection);
	sqlite_claim_unused(walk, connection);
}
