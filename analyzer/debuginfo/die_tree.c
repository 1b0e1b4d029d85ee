/*
 * Offsets lead to DIEs through buckets of 64 bytes: a DIE is a handful of bytes at least,
 * so few share one.
 */
#include "debuginfo/die_tree.h"

#include "base/search.h"

#include <stdlib.h>

#define BUCKET_SHIFT 6
/* An instance, its abstract instance, its declaration in a class: real chains have three. */
#define ORIGIN_LIMIT 8

void die_tree_release(struct die_tree *tree)
{
	vector_release(&tree->dies);
	vector_release(&tree->ranges);
	free(tree->buckets);
	*tree = (struct die_tree){0};
}

bool die_tree_index(struct die_tree *tree)
{
	uint64_t last;

	tree->first_in_types = (uint32_t)tree->dies.count;
	while (tree->first_in_types > 0 &&
	       tree->dies.items[tree->first_in_types - 1].offset & DIE_IN_TYPES)
		tree->first_in_types--;
	last = tree->first_in_types ? tree->dies.items[tree->first_in_types - 1].offset : 0;
	tree->bucket_count = (size_t)(last >> BUCKET_SHIFT) + 2;
	tree->buckets = malloc(tree->bucket_count * sizeof(*tree->buckets));
	if (!tree->buckets)
		return false;
	for (size_t bucket = 0, index = 0; bucket < tree->bucket_count; bucket++) {
		while (index < tree->first_in_types &&
		       tree->dies.items[index].offset >> BUCKET_SHIFT < bucket)
			index++;
		tree->buckets[bucket] = (uint32_t)index;
	}
	return true;
}

static uint32_t at_in(const struct die_tree *tree, size_t low, size_t high, uint64_t offset)
{
	const struct die *dies = tree->dies.items;

	low += count_leading(high - low, i, dies[low + i].offset < offset);
	return low < tree->dies.count && dies[low].offset == offset ? (uint32_t)low : DIE_NONE;
}

uint32_t die_tree_at(const struct die_tree *tree, uint64_t offset)
{
	uint64_t bucket = offset >> BUCKET_SHIFT;

	if (offset & DIE_IN_TYPES)
		return at_in(tree, tree->first_in_types, tree->dies.count, offset);
	if (offset == 0 || bucket + 1 >= tree->bucket_count)
		return DIE_NONE;
	return at_in(tree, tree->buckets[bucket], tree->buckets[bucket + 1], offset);
}

/* The next one in its chain of origins, or DIE_NONE. */
static uint32_t origin_of(const struct die_tree *tree, uint32_t index)
{
	uint64_t origin = tree->dies.items[index].origin;

	return origin ? die_tree_at(tree, origin) : DIE_NONE;
}

uint32_t die_tree_origin(const struct die_tree *tree, uint32_t index)
{
	for (int step = 0; step < ORIGIN_LIMIT; step++) {
		uint32_t next = origin_of(tree, index);

		if (next == DIE_NONE)
			break;
		index = next;
	}
	return index;
}

const char *die_tree_name(const struct die_tree *tree, uint32_t index)
{
	for (int step = 0; step < ORIGIN_LIMIT && index != DIE_NONE; step++) {
		if (tree->dies.items[index].name)
			return tree->dies.items[index].name;
		index = origin_of(tree, index);
	}
	return "";
}

uint64_t die_tree_type(const struct die_tree *tree, uint32_t index)
{
	for (int step = 0; step < ORIGIN_LIMIT && index != DIE_NONE; step++) {
		if (tree->dies.items[index].has_type)
			return tree->dies.items[index].type;
		index = origin_of(tree, index);
	}
	return 0;
}

bool die_tree_is_external(const struct die_tree *tree, uint32_t index)
{
	for (int step = 0; step < ORIGIN_LIMIT && index != DIE_NONE; step++) {
		if (tree->dies.items[index].is_external)
			return true;
		index = origin_of(tree, index);
	}
	return false;
}
