/*
 * Frame objects up to 3.10 (PyFrameObject): locals, cells and free variables in f_localsplus,
 * the evaluation stack behind them.
 *
 *   f_stacktop    3.8, 3.9: the first free slot; NULL while the frame is executing, and after
 *   f_executing   3.8, 3.9: 0 once it has returned
 *   f_stackdepth  3.10: slots in use; -1 while the frame is executing
 *
 * The interpreter's loop holds a reference to each frame that it executes, except for those of
 * generators, which hold their own.
 */
#include "runtime/cpython/stack_depth.h"
#include "runtime/cpython/walk.h"

#define MOST_SLOTS   ((uint64_t)1 << 20)
#define MOST_FRAMES  ((uint32_t)1 << 20)
#define MOST_THREADS 100000

struct open_frame {
	addr_t address, code;
	const uint8_t *slots; /* [local_count + stack_size] */
	uint64_t local_count, stack_size;
	int64_t stack_used; /* slots; negative: executing */
	addr_t names[3];    /* tuples: co_varnames, co_cellvars, co_freevars */
	uint64_t name_count[3];
};

static bool read_names(struct walk *walk, struct open_frame *frame)
{
	static const enum field fields[] = {CODE_VARNAMES, CODE_CELLVARS, CODE_FREEVARS};
	const struct python *python = walk->python;
	uint32_t locals;

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		if (!image_read_u64(python->image,
				    frame->code + field_offset(&python->fields, fields[i]),
				    &frame->names[i]) ||
		    !image_read_u64(python->image,
				    frame->names[i] + field_offset(&python->fields, VAR_SIZE),
				    &frame->name_count[i]) ||
		    frame->name_count[i] > MOST_SLOTS)
			return false;
	}
	if (!image_read_u32(python->image,
			    frame->code + field_offset(&python->fields, CODE_NLOCALS),
			    &locals) ||
	    locals > MOST_SLOTS)
		return false;
	frame->name_count[0] = locals;
	frame->local_count = locals + frame->name_count[1] + frame->name_count[2];
	return true;
}

static void read_stack(struct walk *walk, struct open_frame *frame, addr_t stack)
{
	const struct python *python = walk->python;
	uint8_t executing;
	uint32_t depth;
	addr_t top;

	frame->stack_used = -1;
	if (has_field(&python->fields, FRAME_STACKDEPTH) &&
	    image_read_u32(python->image,
			   frame->address + field_offset(&python->fields, FRAME_STACKDEPTH),
			   &depth))
		frame->stack_used = (int32_t)depth;
	else if (has_field(&python->fields, FRAME_STACKTOP) &&
		 image_read_u64(python->image,
				frame->address + field_offset(&python->fields, FRAME_STACKTOP),
				&top) &&
		 top)
		frame->stack_used = (int64_t)(top - stack) / 8;
	else if (has_field(&python->fields, FRAME_EXECUTING) &&
		 image_read_u8(python->image,
			       frame->address + field_offset(&python->fields, FRAME_EXECUTING),
			       &executing) &&
		 !executing)
		frame->stack_used = 0; /* it has returned, and left its words behind */
	if (frame->stack_used > (int64_t)frame->stack_size)
		frame->stack_used = -1;
}

static bool open_frame(struct walk *walk, addr_t address, struct open_frame *ret)
{
	const struct python *python = walk->python;
	const struct fields *fields = &python->fields;
	addr_t slots = address + field_offset(fields, FRAME_LOCALSPLUS);
	uint32_t stack_size;

	*ret = (struct open_frame){.address = address};
	if (!has_field(fields, FRAME_LOCALSPLUS) || !has_field(fields, CODE_VARNAMES) ||
	    !image_read_u64(python->image, address + field_offset(fields, FRAME_CODE),
			    &ret->code) ||
	    !read_names(walk, ret) ||
	    !image_read_u32(python->image, ret->code + field_offset(fields, CODE_STACKSIZE),
			    &stack_size) ||
	    stack_size > MOST_SLOTS)
		return false;
	ret->stack_size = stack_size;
	read_stack(walk, ret, slots + ret->local_count * 8);
	ret->slots = image_view(python->image, slots, (ret->local_count + stack_size) * 8,
				&walk->hint);
	return ret->slots;
}

static uint32_t local_label(struct walk *walk, const struct open_frame *frame, uint64_t index)
{
	char name[256], label[300];
	addr_t item;

	for (size_t i = 0; i < ARRAY_COUNT(frame->names); i++) {
		if (index < frame->name_count[i]) {
			if (!image_read_u64(
				    walk->python->image,
				    frame->names[i] +
					    field_offset(&walk->python->fields, TUPLE_ITEMS) +
					    index * 8,
				    &item) ||
			    !python_string(walk->python, item, name, sizeof(name)))
				break;
			snprintf(label, sizeof(label), "local %s", name);
			return walk_label(walk, label);
		}
		index -= frame->name_count[i];
	}
	return walk_label(walk, "local");
}

/* A pointer of a struct's; 0 if it is not in the dump. */
static addr_t pointer_at(const struct python *python, addr_t object, enum field field)
{
	addr_t pointer = 0;

	image_read_u64(python->image, object + field_offset(&python->fields, field), &pointer);
	return pointer;
}

/* Is it the frame that a thread has called last? */
static bool is_innermost(const struct python *python, const struct open_frame *frame)
{
	addr_t interpreter = python->interpreter;
	uint32_t steps = 0;

	for (; interpreter && steps < MOST_THREADS; steps++) {
		addr_t thread = pointer_at(python, interpreter, INTERPRETER_THREADS);

		for (; thread && steps < MOST_THREADS; steps++) {
			if (pointer_at(python, thread, THREAD_FRAME) == frame->address)
				return true;
			thread = pointer_at(python, thread, THREAD_NEXT);
		}
		interpreter = python_next_interpreter(python, interpreter);
	}
	return false;
}

/* How much of the stack is in use. */
static struct stack_depth used_depth(const struct walk *walk, const struct open_frame *frame)
{
	const struct fields *fields = &walk->python->fields;
	struct executing executing = {
		.code = frame->code,
		.slots = frame->slots + frame->local_count * 8,
		.slot_count = (uint32_t)frame->stack_size,
		.is_innermost = is_innermost(walk->python, frame),
	};
	struct stack_depth depth;
	uint32_t last;

	if (frame->stack_used >= 0)
		return (struct stack_depth){(uint32_t)frame->stack_used,
					    (uint32_t)frame->stack_used, NO_SLOT};
	if (!has_field(fields, FRAME_LASTI) ||
	    !image_read_u32(walk->python->image,
			    frame->address + field_offset(fields, FRAME_LASTI), &last))
		return (struct stack_depth){0, executing.slot_count, NO_SLOT};
	/* Bytes; since 3.10 instructions. */
	executing.instruction = (uint64_t)last * (has_field(fields, FRAME_STACKDEPTH) ? 2 : 1);
	if (!stack_depth(walk->python, &executing, &depth))
		return (struct stack_depth){0, executing.slot_count, NO_SLOT};
	return depth;
}

static void stale_slot(struct walk *walk, addr_t target)
{
	if (target && walk_discover(walk, target))
		walk_reference(walk, target, walk->labels.stack, REFERENCE_GUESS);
}

void frame_object_slots(struct walk *walk, addr_t address, enum reference_kind kind)
{
	enum reference_kind stack_kind;
	struct stack_depth depth;
	struct open_frame frame;
	uint64_t known;

	if (!open_frame(walk, address, &frame))
		return;
	/* The collector does not see the stack of an executing frame. */
	stack_kind = frame.stack_used < 0 ? REFERENCE_COUNTED : kind;
	depth = used_depth(walk, &frame);
	known = frame.local_count + depth.held;
	for (uint64_t i = 0; i < known; i++) {
		addr_t target = word_at(frame.slots + i * 8);

		if (i >= frame.local_count && i - frame.local_count == depth.lent)
			stale_slot(walk, target);
		else if (target)
			walk_reference(walk, target,
				       i < frame.local_count ? local_label(walk, &frame, i)
							     : walk->labels.stack,
				       i < frame.local_count ? kind : stack_kind);
	}
	/* What an executing frame has on its stack may be stale. */
	for (uint64_t i = known; i < frame.local_count + depth.possible; i++)
		stale_slot(walk, word_at(frame.slots + i * 8));
}

/* Bytes into its code; 3.10 counts code units of two bytes. */
static int64_t instruction_of(const struct walk *walk, const struct open_frame *frame)
{
	const struct python *python = walk->python;
	uint32_t last = 0;

	image_read_u32(python->image,
		       frame->address + field_offset(&python->fields, FRAME_LASTI), &last);
	return (int64_t)(int32_t)last * (has_field(&python->fields, FRAME_STACKDEPTH) ? 2 : 1);
}

void frame_object_rows(struct walk *walk, addr_t address, uint32_t thread,
		       uint32_t *frame_number)
{
	const struct fields *fields = &walk->python->fields;

	for (uint32_t depth = 0; address && depth < MOST_FRAMES; depth++) {
		struct open_frame frame;
		addr_t generator = 0;

		if (!open_frame(walk, address, &frame))
			return;
		frame_row(walk,
			  &(struct frame_report){
				  .thread = thread, .depth = depth, .address = address},
			  frame.code, instruction_of(walk, &frame));
		walk->holder.root = (struct graph_root){
			.kind = ROOT_FRAME, .thread = thread, .frame = (*frame_number)++};
		image_read_u64(walk->python->image,
			       address + field_offset(fields, FRAME_GENERATOR), &generator);
		if (!generator)
			walk_reference(walk, address, walk_label(walk, "frame"),
				       REFERENCE_COUNTED);
		if (!image_read_u64(walk->python->image,
				    address + field_offset(fields, FRAME_BACK), &address))
			return;
	}
}
