/*
 * A struct's members are walked with a stack of the structs that they are nested in.  Unions
 * are left out: which of their members holds, only the program knows.
 */
#include "typing/slots.h"

#include "base/vector.h"

#define DEPTH_LIMIT 16
#define MOST_SLOTS  8192 /* of one struct: enough for an interpreter's state */

/* A struct whose members are being looked at. */
struct level {
	uint32_t type;
	uint32_t next;            /* of its members */
	uint32_t offset;          /* bytes from the outermost struct */
	uint32_t counts, strides; /* of the array that it is an element of */
	const char *path;         /* with its dot */
};

struct compiler {
	struct shapes *shapes;
	struct arena *arena;
	const struct debug_info *debug;
	VECTOR_OF(struct shape_slot) slots;
	VECTOR_OF(uint32_t) pointers;
	struct level levels[DEPTH_LIMIT];
	size_t depth;
	bool failed;
};

static const char *path_to(struct compiler *compiler, const struct level *level,
			   const char *name, const char *end)
{
	const char *path = arena_format(compiler->arena, "%s%s%s", level->path, name, end);

	compiler->failed |= !path;
	return path ? path : "";
}

static void add_slot(struct compiler *compiler, const struct level *level,
		     const struct debug_member *member, uint32_t type, uint32_t count)
{
	uint32_t target = debug_type(compiler->debug, type)->target;
	struct shape_slot slot = {
		.offset = level->offset + member->offset,
		.counts = {count, level->counts},
		.strides = {(uint32_t)sizeof(addr_t), level->strides},
	};

	if (count && level->counts && compiler->pointers.count < MOST_SLOTS)
		vector_push(&compiler->pointers, slot.offset);
	if (target == DEBUG_NONE || compiler->slots.count >= MOST_SLOTS)
		return;
	slot.shape = shapes_of_type(compiler->shapes, compiler->debug, target, NULL);
	if (slot.shape == SHAPE_MISSING ||
	    shapes_get(compiler->shapes, slot.shape)->kind == SHAPE_NONE ||
	    shapes_get(compiler->shapes, slot.shape)->is_known)
		return;
	slot.name = path_to(compiler, level, member->name, count == 1 ? "" : "[]");
	vector_push(&compiler->slots, slot);
}

/* An array of structs within an array of structs: its first element stands for all. */
static void enter_struct(struct compiler *compiler, const struct level *level,
			 const struct debug_member *member, uint32_t type, uint32_t count)
{
	uint64_t size = debug_type(compiler->debug, type)->size;
	struct level inner = {
		.type = type,
		.offset = level->offset + member->offset,
		.counts = level->counts,
		.strides = level->strides,
	};

	if (compiler->depth == DEPTH_LIMIT || !size || size > UINT32_MAX)
		return;
	if (level->counts == 1) {
		inner.counts = count;
		inner.strides = (uint32_t)size;
	}
	inner.path = path_to(compiler, level, member->name,
			     !*member->name ? ""
			     : count == 1   ? "."
					    : "[].");
	compiler->levels[compiler->depth++] = inner;
}

static void take_member(struct compiler *compiler, const struct level *level,
			const struct debug_member *member)
{
	uint32_t type = member->type;
	uint64_t count = 1;

	for (int i = 0; i < DEPTH_LIMIT && type != DEBUG_NONE &&
			debug_type(compiler->debug, type)->kind == DEBUG_ARRAY;
	     i++) {
		count *= debug_type(compiler->debug, type)->count;
		type = debug_type(compiler->debug, type)->target;
	}
	if (type == DEBUG_NONE || member->bit_size || count > UINT32_MAX)
		return;
	if (debug_type(compiler->debug, type)->kind == DEBUG_POINTER)
		add_slot(compiler, level, member, type, (uint32_t)count);
	else if (debug_type(compiler->debug, type)->kind == DEBUG_STRUCT)
		enter_struct(compiler, level, member, type, (uint32_t)count);
}

static void walk_members(struct compiler *compiler)
{
	while (compiler->depth > 0) {
		struct level *level = &compiler->levels[compiler->depth - 1];
		const struct debug_type *type = debug_type(compiler->debug, level->type);
		struct level at = *level;

		if (level->next == type->member_count) {
			compiler->depth--;
			continue;
		}
		take_member(compiler, &at,
			    debug_member(compiler->debug, type->first_member + level->next++));
	}
}

static void point(struct compiler *compiler, uint32_t type)
{
	struct level none = {.counts = 1, .path = ""};
	struct debug_member whole = {.name = "", .type = type};

	add_slot(compiler, &none, &whole, type, 1);
}

bool slots_compile(struct shapes *shapes, struct arena *arena, struct shape *shape)
{
	struct compiler compiler = {.shapes = shapes, .arena = arena, .debug = shape->debug};

	if (shape->kind == SHAPE_POINTER)
		point(&compiler, shape->type);
	if (shape->kind == SHAPE_STRUCT &&
	    debug_type(shape->debug, shape->type)->kind == DEBUG_STRUCT) {
		compiler.levels[compiler.depth++] = (struct level){
			.type = shape->type, .counts = 1, .strides = 0, .path = ""};
		walk_members(&compiler);
	}
	shape->slots = compiler.slots.items;
	shape->slot_count = compiler.slots.count;
	shape->pointers = compiler.pointers.items;
	shape->pointer_count = compiler.pointers.count;
	return !compiler.failed && !compiler.slots.failed && !compiler.pointers.failed;
}
