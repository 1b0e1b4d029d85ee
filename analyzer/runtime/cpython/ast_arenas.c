/*
 * PyArena: the memory of a syntax tree, which lives as long as the script that was compiled
 * from it runs (Python/pyarena.c).  Only the C stack leads to it, so it is recognised by what
 * it must look like:
 *
 *   _arena   a_head     the first of its blocks
 *            a_cur      the one that is being filled
 *            a_objects  a list that owns every object the tree refers to
 *   _block   ab_size    bytes of memory behind the header
 *            ab_offset  bytes of it that are in use
 *            ab_next    the next block; NULL at the end
 *            ab_mem     the memory: behind the header, aligned
 *
 * The tree's own pointers to objects are borrowed from the list.
 */
#include "runtime/cpython/walk.h"

#define MOST_BLOCKS 100000
#define ALIGNMENT   8

static const uint8_t *read_block(struct walk *walk, addr_t address)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t header = python_struct_size(walk->python, "_block");
	const uint8_t *block = image_view(walk->python->image, address, header, &walk->hint);
	addr_t memory;

	if (!block)
		return NULL;
	memory = field_get(fields, block, ARENA_BLOCK_MEMORY);
	return memory - address - header < ALIGNMENT &&
			       field_get(fields, block, ARENA_BLOCK_OFFSET) <=
				       field_get(fields, block, ARENA_BLOCK_SIZE)
		       ? block
		       : NULL;
}

/* Walks the chain; true if every block is sound and the current one is among them. */
static bool check_blocks(struct walk *walk, addr_t head, addr_t current, bool claim)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t header = python_struct_size(walk->python, "_block");
	addr_t address = head;
	bool met = false;

	for (int i = 0; address && i < MOST_BLOCKS; i++) {
		const uint8_t *block = read_block(walk, address);

		if (!block)
			return false;
		met |= address == current;
		if (claim)
			walk_claim(walk, 0, address,
				   header + field_get(fields, block, ARENA_BLOCK_SIZE),
				   "syntax-tree", false);
		address = field_get(fields, block, ARENA_BLOCK_NEXT);
	}
	return met && !address;
}

static bool is_list(struct walk *walk, addr_t object)
{
	addr_t list, type;

	return module_symbol(walk->python->target, walk->python->module, "PyList_Type",
			     &list) &&
	       image_read_u64(walk->python->image,
			      object + field_offset(&walk->python->fields, OBJECT_TYPE),
			      &type) &&
	       type == list;
}

bool ast_arena_read(struct walk *walk, addr_t address)
{
	const struct fields *fields = &walk->python->fields;
	uint64_t size = python_struct_size(walk->python, "_arena");
	const uint8_t *arena =
		has_field(fields, ARENA_OBJECTS) && has_field(fields, ARENA_BLOCK_SIZE)
			? image_view(walk->python->image, address, size, &walk->hint)
			: NULL;
	addr_t head, current, objects;

	if (!arena)
		return false;
	head = field_get(fields, arena, ARENA_HEAD);
	current = field_get(fields, arena, ARENA_CURRENT);
	objects = field_get(fields, arena, ARENA_OBJECTS);
	if (!head || !is_list(walk, objects) || !check_blocks(walk, head, current, false))
		return false;
	check_blocks(walk, head, current, true);
	walk_claim(walk, 0, address, size, "syntax-tree", false);
	walk->holder.is_root = true;
	walk->holder.root = (struct graph_root){
		.kind = ROOT_THREAD,
		.thread = OBJECT_NONE,
		.frame = OBJECT_NONE,
		.address = address + field_offset(fields, ARENA_OBJECTS),
	};
	walk_reference(walk, objects, walk_label(walk, "syntax tree"), REFERENCE_COUNTED);
	return true;
}
