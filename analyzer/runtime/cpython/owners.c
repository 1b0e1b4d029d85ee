/*
 * Whose the memory is that members of C structs point at: buffers, tables, structs of a
 * library.
 *
 * A block belongs to an object if a member of the object's struct points at its first byte and
 * no other object's does; what a struct in such a block points at is the object's, too, by the
 * same rule.  A block that several point at is shared: it gets a kind and no owner.  What a
 * reader claims is decided before any of this.
 *
 * Refuses to know: what the members mean.  One that borrows has a rule in rules.c.
 */
#include "runtime/cpython/walk.h"

#include <stdlib.h>

#define MOST_LEVELS   64 /* of structs behind structs */
#define MOST_PREFIX   32 /* bytes before an object in its block, in steps of: */
#define PREFIX_STEP   16
#define MOST_ELEMENTS ((uint64_t)1 << 20) /* of an array of pointers */

static void note(struct walk *walk, addr_t target, const struct plan *plan, uint32_t type)
{
	struct pointed pointed = {target, walk->holder.owner, plan->debug, type};

	if (target && !(target & 7) && !address_set_has(walk->claimed, target) &&
	    !walk_module_span(walk, target))
		vector_push(&walk->pointed, pointed);
}

void owners_note(struct walk *walk, const struct plan *plan, const uint8_t *bytes)
{
	for (size_t i = 0; i < plan->owned_count; i++)
		note(walk, word_at(bytes + plan->owned[i].offset), plan, plan->owned[i].type);
	for (size_t i = 0; i < plan->buffer_count; i++)
		note(walk, word_at(bytes + plan->buffers[i]), plan, DEBUG_NONE);
}

/* The block in use that begins at the address and that nobody has; NULL if there is none. */
static const struct block_report *unclaimed_block(const struct walk *walk, addr_t address)
{
	const struct block_report *block = walk_block(walk, address);

	if (!block || block->address != address || address_set_has(walk->claimed, address))
		return NULL;
	for (uint32_t prefix = 0; prefix <= MOST_PREFIX && prefix < block->size;
	     prefix += PREFIX_STEP)
		if (address_set_has(walk->objects, address + prefix))
			return NULL;
	return block;
}

static int compare_pointed(const void *left, const void *right)
{
	const struct pointed *a = left, *b = right;

	if (a->target != b->target)
		return a->target < b->target ? -1 : 1;
	return a->owner < b->owner ? -1 : a->owner > b->owner;
}

static bool is_struct_of(const struct pointed *pointed, uint64_t size)
{
	const struct debug_type *type =
		pointed->type == DEBUG_NONE ? NULL : debug_type(pointed->debug, pointed->type);

	return type && type->kind == DEBUG_STRUCT && type->size && type->size <= size;
}

static bool is_pointer(const struct pointed *pointed)
{
	return pointed->type != DEBUG_NONE &&
	       debug_type(pointed->debug, pointed->type)->kind == DEBUG_POINTER;
}

/* What a block holds leads to more memory of the same owner. */
static void expand(struct walk *walk, const struct pointed *pointed,
		   const struct block_report *block)
{
	const uint8_t *bytes =
		image_view(walk->python->image, block->address, block->size, &walk->hint);
	uint64_t count = block->size / 8 < MOST_ELEMENTS ? block->size / 8 : MOST_ELEMENTS;
	const struct plan *plan;

	if (!bytes || pointed->type == DEBUG_NONE)
		return;
	walk->holder.owner = pointed->owner;
	plan = plan_for(walk->plans, pointed->debug, pointed->type);
	if (plan && is_struct_of(pointed, block->size))
		owners_note(walk, plan, bytes);
	else if (plan && is_pointer(pointed))
		for (uint64_t i = 0; i < count; i++)
			note(walk, word_at(bytes + i * 8), plan,
			     debug_type(pointed->debug, pointed->type)->target);
}

static void report_claim(struct walk *walk, addr_t address, addr_t owner, const char *kind)
{
	struct claim_report claim = {.address = address,
				     .size = CLAIM_WHOLE_BLOCK,
				     .owner = owner,
				     .kind = kind,
				     .exclusive = owner,
				     .opaque = true};

	address_set_add(walk->claimed, address);
	walk->visitor->claim(walk->visitor->context, &claim);
}

/* All that point at one address: the best described of them says what is there. */
static void claim(struct walk *walk, const struct pointed *pointed, size_t count)
{
	const struct block_report *block = unclaimed_block(walk, pointed->target);
	struct pointed best = pointed[0];
	const char *kind = "buffer";

	if (!block)
		return;
	for (size_t i = 1; i < count && !is_struct_of(&best, block->size); i++)
		if (is_struct_of(&pointed[i], block->size) || is_pointer(&pointed[i]))
			best = pointed[i];
	if (pointed[0].owner != pointed[count - 1].owner)
		best.owner = 0;
	if (is_struct_of(&best, block->size) && debug_type(best.debug, best.type)->name[0])
		kind = debug_type(best.debug, best.type)->name;
	else if (is_pointer(&best))
		kind = "array";
	report_claim(walk, block->address, best.owner, kind);
	expand(walk, &best, block);
}

static void claim_level(struct walk *walk, struct pointed *pointed, size_t count)
{
	size_t end;

	qsort(pointed, count, sizeof(*pointed), compare_pointed);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && pointed[end].target == pointed[i].target;)
			end++;
		claim(walk, &pointed[i], end - i);
	}
}

void owners_claim(struct walk *walk)
{
	for (int level = 0; level < MOST_LEVELS && walk->pointed.count; level++) {
		struct pointed *pointed = walk->pointed.items;
		size_t count = walk->pointed.count;

		walk->pointed.items = NULL;
		walk->pointed.count = walk->pointed.capacity = 0;
		claim_level(walk, pointed, count);
		free(pointed);
	}
}
