/*
 * Which blocks are objects.  Tracked containers are known from the collector's lists.  Of the
 * other blocks an object is one that has, at the place its type's headers put it, a plausible
 * count and a known type, and the header of an untracked container where it is one.
 *
 * A raw block can look like that only by holding a small number and the address of a type.
 * Where programs are linked below 4 GiB, a pointer to static data or to the heap behind it is
 * such a number: those blocks are left out, and come back if a reference names them.
 */
#include "runtime/cpython/walk.h"

#define STEP           16 /* headers come in steps of it */
#define MOST_PREFIX    32
#define LOWEST_ADDRESS 0x10000 /* nothing is mapped below */

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

static void classify_block(struct walk *walk, const struct block_report *block)
{
	const uint8_t *bytes;

	if (address_set_has(walk->claimed, block->address))
		return;
	for (uint32_t prefix = 0; prefix <= MOST_PREFIX && prefix < block->size; prefix += STEP)
		if (address_set_has(walk->objects, block->address + prefix))
			return;
	bytes = image_view(walk->python->image, block->address, block->size, &walk->hint);
	for (uint32_t prefix = 0; bytes && prefix <= MOST_PREFIX; prefix += STEP)
		if (is_object_at(walk, bytes, block->size, prefix)) {
			if (address_set_add(walk->objects, block->address + prefix))
				vector_push(&walk->pending, block->address + prefix);
			return;
		}
	for (uint32_t prefix = 0; bytes && prefix <= MOST_PREFIX; prefix += STEP)
		if (is_dead_at(walk, bytes, block->size, prefix)) {
			walk_claim_unused(walk, block->address, block->size, "freelist");
			return;
		}
	ast_arena_read(walk, block->address);
}

void classify_blocks(struct walk *walk, const struct heap_blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++)
		classify_block(walk, &blocks->blocks[i]);
}
