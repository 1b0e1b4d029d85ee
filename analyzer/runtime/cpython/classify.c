/*
 * Which blocks are objects.  Tracked containers are known from the collector's lists.  Of the
 * other blocks an object is one that has, at the place its type's headers put it, a plausible
 * count and a known type, and the header of an untracked container where it is one.
 *
 * A raw block can look like that only by holding a small number and the address of a type.
 * Where programs are linked below 4 GiB, a pointer to static data or to the heap behind it is
 * such a number: those blocks are left out, and come back if a reference names them.
 *
 * Debug hooks name the domain of each block, and only blocks of one hold objects.  Chunks of
 * the C library may be anything: where small objects are in pools, only larger chunks count.
 */
#include "runtime/cpython/walk.h"

#define STEP           16 /* headers come in steps of it */
#define MOST_PREFIX    32
#define LOWEST_ADDRESS 0x10000 /* nothing is mapped below */
#define LARGEST_SMALL  512     /* bytes: what is larger is in no pool */
#define OBJECT_DOMAIN  'o'
#define CLASSIFIED     (MOST_PREFIX + 16) /* bytes of a block that tell */

static bool has_plausible_count(const struct walk *walk, const uint8_t *object)
{
	uint64_t word = word_at(object);

	return walk_plausible_count(walk, object) &&
	       (word < LOWEST_ADDRESS || !image_mapping_at(walk->python->image, word));
}

/* An untracked container's link to the next one is 0. */
static bool header_fits(const struct type_info *type, const uint8_t *object)
{
	if (!type_is_container(type))
		return true;
	return word_at(object - STEP) == 0 && !type->is_python;
}

static bool is_object_at(struct walk *walk, const uint8_t *block, uint64_t size,
			 uint32_t prefix)
{
	const struct fields *fields = &walk->python->fields;
	const uint8_t *object = block + prefix;
	const struct type_info *type;
	uint32_t index;

	if (prefix + 16 > size)
		return false;
	if (!has_plausible_count(walk, object))
		return false;
	index = type_table_known(walk->types, field_get(fields, object, OBJECT_TYPE));
	if (index == TYPE_NONE)
		return false;
	type = type_table_get(walk->types, index);
	return type->prefix == prefix && type->basicsize + prefix <= size + STEP &&
	       header_fits(type, object);
}

/* A dead object with its type still there is kept for reuse. */
static bool is_dead_at(const struct walk *walk, const uint8_t *block, uint64_t size,
		       uint32_t prefix)
{
	const struct fields *fields = &walk->python->fields;
	uint32_t index;

	if (prefix + 16 > size || field_get(fields, block + prefix, OBJECT_REFCNT))
		return false;
	index = type_table_known(walk->types, field_get(fields, block + prefix, OBJECT_TYPE));
	return index != TYPE_NONE && type_table_get(walk->types, index)->prefix == prefix;
}

/* True if it is one.  What was one is a free list's, unless C code may have the block now. */
static bool classify_as_object(struct walk *walk, const struct block_report *block,
			       bool may_be_cached)
{
	addr_t user = block_user(block);
	uint64_t size = block_user_size(block);
	uint64_t needed = size < CLASSIFIED ? size : CLASSIFIED;
	const uint8_t *bytes = image_view(walk->python->image, user, needed, &walk->hint);

	for (uint32_t prefix = 0; bytes && prefix <= MOST_PREFIX; prefix += STEP)
		if (is_object_at(walk, bytes, size, prefix)) {
			if (address_set_add(walk->objects, user + prefix))
				vector_push(&walk->pending, user + prefix);
			return true;
		}
	for (uint32_t prefix = 0; may_be_cached && bytes && prefix <= MOST_PREFIX;
	     prefix += STEP)
		if (is_dead_at(walk, bytes, size, prefix)) {
			walk_claim_unused(walk, user, size, "freelist");
			return true;
		}
	return false;
}

static void classify_block(struct walk *walk, const struct block_report *block,
			   bool may_be_cached)
{
	addr_t user = block_user(block);

	if (address_set_has(walk->claimed, user))
		return;
	for (uint32_t prefix = 0; prefix <= MOST_PREFIX && prefix < block_user_size(block);
	     prefix += STEP)
		if (address_set_has(walk->objects, user + prefix))
			return;
	if ((block->domain && block->domain != OBJECT_DOMAIN) ||
	    !classify_as_object(walk, block, may_be_cached))
		ast_arena_read(walk, user);
}

static bool any_has_pads(const struct block_report *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (blocks[i].pads)
			return true;
	return false;
}

/*
 * A fastbin's link goes where an object's count was, and leaves its type.  C code that got the
 * block and has not written to it yet has what looks like an object; glibc keeps links xored
 * with their place (2.32), so that the last of a list is a small number.
 */
static bool has_stale_link(const struct walk *walk, const struct block_report *block)
{
	uint64_t word;
	addr_t link;

	if (!image_read_u64(walk->python->image, block->address, &word))
		return true;
	link = word ^ block->address >> 12;
	return !link || image_mapping_at(walk->python->image, link);
}

static bool may_be_object(const struct walk *walk, const struct block_report *block,
			  uint64_t least)
{
	if (block->state != BLOCK_USED)
		return false;
	if (block->pads)
		return block->domain == OBJECT_DOMAIN;
	return block->size >= least && !has_stale_link(walk, block);
}

/* The smallest unpadded chunk that may be an object, in bytes; UINT64_MAX: none may. */
static uint64_t least_chunk(const struct heap_blocks *blocks)
{
	if (any_has_pads(blocks->blocks, blocks->count) ||
	    any_has_pads(blocks->native, blocks->native_count))
		return UINT64_MAX;
	return blocks->count ? LARGEST_SMALL + 1 : 0;
}

void classify_blocks(struct walk *walk, const struct heap_blocks *blocks)
{
	uint64_t least = least_chunk(blocks);

	for (size_t i = 0; i < blocks->count; i++)
		classify_block(walk, &blocks->blocks[i], true);
	for (size_t i = 0; i < blocks->native_count; i++) {
		const struct block_report *block = &blocks->native[i];

		if (may_be_object(walk, block, least))
			classify_block(walk, block, block->pads || !blocks->count);
	}
}
