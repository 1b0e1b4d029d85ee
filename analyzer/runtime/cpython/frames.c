/*
 * Interpreter frames (_PyInterpreterFrame, 3.11 and later): no objects of their own, they live
 * on a thread's data stack, in a generator, or in a frame object that outlived the call.
 * Strong are the function, the code, f_locals, the frame object, the locals and the part of
 * the evaluation stack that is in use.
 *
 * A frame that is executing has not written down where its stack ends: see stack_depth.h.
 * Where that cannot tell, the slots behind the locals may be stale and count as words of a
 * stack.
 */
#include "runtime/cpython/lines.h"
#include "runtime/cpython/stack_depth.h"
#include "runtime/cpython/walk.h"

#define MOST_SLOTS   ((uint32_t)1 << 20)
#define MOST_FRAMES  ((uint32_t)1 << 20)
#define LONGEST_NAME 4097 /* of a function or a file, bytes */

/* A frame, decoded. */
struct open_frame {
	addr_t address, code;
	const uint8_t *bytes; /* up to localsplus */
	const uint8_t *slots; /* [local_count + stack_size] */
	uint32_t local_count, stack_size;
	int32_t stack_top; /* slots in use; negative: executing */
};

/* Slots in use; -1 while the frame is executing and has not written it down. */
static int32_t stack_top(const struct walk *walk, const struct open_frame *frame,
			 uint64_t slots)
{
	const struct fields *fields = &walk->python->fields;
	int64_t top = -1;

	if (has_field(fields, IFRAME_STACKPOINTER)) {
		addr_t pointer = field_get(fields, frame->bytes, IFRAME_STACKPOINTER);

		if (pointer)
			top = (int64_t)(pointer - frame->address -
					field_offset(fields, IFRAME_LOCALSPLUS)) /
			      8;
	} else if (has_field(fields, IFRAME_STACKTOP)) {
		top = field_get_signed(fields, frame->bytes, IFRAME_STACKTOP);
	}
	return top < 0 || top > (int64_t)slots ? -1 : (int32_t)top;
}

static bool open_frame(struct walk *walk, addr_t address, struct open_frame *ret)
{
	const struct python *python = walk->python;
	const struct fields *fields = &python->fields;
	uint32_t before = field_offset(fields, IFRAME_LOCALSPLUS);
	uint64_t slots;

	*ret = (struct open_frame){.address = address};
	ret->bytes = image_view(python->image, address, before, &walk->hint);
	if (!ret->bytes)
		return false;
	ret->code = field_get(fields, ret->bytes, IFRAME_CODE) & ~(addr_t)3;
	if (!image_read_u32(python->image, ret->code + field_offset(fields, CODE_NLOCALSPLUS),
			    &ret->local_count) ||
	    !image_read_u32(python->image, ret->code + field_offset(fields, CODE_STACKSIZE),
			    &ret->stack_size) ||
	    ret->local_count > MOST_SLOTS || ret->stack_size > MOST_SLOTS)
		return false;
	slots = (uint64_t)ret->local_count + ret->stack_size;
	ret->slots = image_view(python->image, address + before, slots * 8, &walk->hint);
	ret->stack_top = stack_top(walk, ret, slots);
	return ret->slots;
}

/* "local NAME" of a slot, from the code's co_localsplusnames. */
static uint32_t local_label(struct walk *walk, const struct open_frame *frame, uint32_t index)
{
	const struct python *python = walk->python;
	char name[256], label[300];
	addr_t names, item;

	if (!image_read_u64(python->image,
			    frame->code + field_offset(&python->fields, CODE_LOCALSPLUSNAMES),
			    &names) ||
	    !image_read_u64(python->image,
			    names + field_offset(&python->fields, TUPLE_ITEMS) +
				    (addr_t)index * 8,
			    &item) ||
	    !python_string(python, item, name, sizeof(name)))
		return walk_label(walk, "local");
	snprintf(label, sizeof(label), "local %s", name);
	return walk_label(walk, label);
}

static addr_t slot_address(const struct walk *walk, const struct open_frame *frame,
			   uint32_t index)
{
	return frame->address + field_offset(&walk->python->fields, IFRAME_LOCALSPLUS) +
	       (addr_t)index * 8;
}

/* Since 3.14 slots and some fields are stack references. */
static uint64_t tag_bits(const struct walk *walk)
{
	return has_field(&walk->python->fields, IFRAME_STACKPOINTER) ? 3 : 0;
}

/* A root that explains no count. */
static void uncounted_root(struct walk *walk, addr_t target, struct graph_root root)
{
	if (!target || !walk_discover(walk, target))
		return;
	root.counted = 0;
	walk->visitor->root(walk->visitor->context, target, &root);
}

/* A call's arguments may be lent by the caller's frame; that makes them no less locals. */
static bool is_lent(const struct walk *walk, uint64_t word)
{
	return tag_bits(walk) && (word & tag_bits(walk)) == 1;
}

static void slot_reference(struct walk *walk, uint64_t word, uint32_t label,
			   enum reference_kind kind)
{
	struct graph_root root = walk->holder.root;

	root.label = label;
	if (walk->holder.is_root && is_lent(walk, word))
		uncounted_root(walk, word & ~(addr_t)tag_bits(walk), root);
	else if (tag_bits(walk))
		walk_stack_reference(walk, word, label, kind);
	else
		walk_reference(walk, word, label, kind);
}

/* A word that may be stale: a guess, whoever the holder is. */
static void stale_slot(struct walk *walk, const struct open_frame *frame, uint32_t index)
{
	addr_t target = word_at(frame->slots + (size_t)index * 8) & ~(addr_t)tag_bits(walk);
	struct graph_root root = walk->holder.root;

	if (!walk->holder.is_root) {
		if (target && walk_discover(walk, target))
			walk_reference(walk, target, walk->labels.stack, REFERENCE_GUESS);
		return;
	}
	root.kind = ROOT_STACK;
	root.label = walk->labels.stack;
	root.address = slot_address(walk, frame, index);
	uncounted_root(walk, target, root);
}

/* How much of an executing frame's stack is in use. */
static struct stack_depth executing_depth(const struct walk *walk,
					  const struct open_frame *frame)
{
	const struct fields *fields = &walk->python->fields;
	struct executing executing = {
		.code = frame->code,
		.instruction = field_get(fields, frame->bytes, IFRAME_INSTRUCTION) -
			       frame->code - field_offset(fields, CODE_CODE),
		.slots = frame->slots + (size_t)frame->local_count * 8,
		.slot_count = frame->stack_size,
	};
	struct stack_depth depth;

	if (!has_field(fields, IFRAME_INSTRUCTION) ||
	    !stack_depth(walk->python, &executing, &depth))
		return (struct stack_depth){0, frame->stack_size, NO_SLOT};
	return depth;
}

static void frame_slots(struct walk *walk, const struct open_frame *frame,
			enum reference_kind kind)
{
	bool executing = frame->stack_top < 0;
	struct stack_depth depth =
		executing ? executing_depth(walk, frame) : (struct stack_depth){0, 0, NO_SLOT};
	uint32_t known =
		executing ? frame->local_count + depth.held : (uint32_t)frame->stack_top;
	/* The collector asks stacktop, and so leaves the locals of an executing frame out. */
	enum reference_kind slot_kind = executing ? REFERENCE_COUNTED : kind;

	for (uint32_t i = 0; i < known; i++) {
		uint64_t word = word_at(frame->slots + (size_t)i * 8);

		if (!(word & ~tag_bits(walk)))
			continue;
		if (i >= frame->local_count && i - frame->local_count == depth.lent) {
			stale_slot(walk, frame, i);
			continue;
		}
		walk->holder.root.address = slot_address(walk, frame, i);
		slot_reference(walk, word,
			       i < frame->local_count ? local_label(walk, frame, i)
						      : walk->labels.stack,
			       slot_kind);
	}
	for (uint32_t i = known; executing && i < frame->local_count + depth.possible; i++)
		stale_slot(walk, frame, i);
}

void frame_references(struct walk *walk, addr_t address, enum reference_kind kind)
{
	static const struct {
		enum field field;
		const char *label;
		bool tagged; /* since 3.14 */
	} strong[] = {
		{IFRAME_FUNCTION, "f_func", true},
		{IFRAME_CODE, "f_code", true},
		{IFRAME_LOCALS, "f_locals", false},
		{IFRAME_OBJECT, "frame_obj", false},
	};
	struct open_frame frame;

	if (!open_frame(walk, address, &frame)) {
		anomaly_record(walk->python->anomalies, STAGE_CPYTHON, address,
			       "an interpreter frame is missing or damaged");
		return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(strong); i++) {
		uint64_t word = field_get(&walk->python->fields, frame.bytes, strong[i].field);

		walk->holder.root.address =
			address + field_offset(&walk->python->fields, strong[i].field);
		if (strong[i].tagged)
			slot_reference(walk, word, walk_label(walk, strong[i].label), kind);
		else
			walk_reference(walk, word, walk_label(walk, strong[i].label), kind);
	}
	frame_slots(walk, &frame, kind);
}

void frame_row(struct walk *walk, struct frame_report *report, addr_t code, int64_t instruction)
{
	const struct python *python = walk->python;
	char name[LONGEST_NAME] = "", file[LONGEST_NAME] = "";
	addr_t string;

	if (image_read_u64(python->image, code + field_offset(&python->fields, CODE_NAME),
			   &string))
		python_string(python, string, name, sizeof(name));
	if (image_read_u64(python->image, code + field_offset(&python->fields, CODE_FILENAME),
			   &string))
		python_string(python, string, file, sizeof(file));
	report->function = name;
	report->file = file;
	report->line = code_line(python, code, instruction);
	walk->visitor->frame(walk->visitor->context, report);
}

/* Bytes into its code; up to 3.12 the last word of what was executed, then the first. */
static int64_t instruction_of(const struct walk *walk, const struct open_frame *frame)
{
	const struct fields *fields = &walk->python->fields;

	return (int64_t)(field_get(fields, frame->bytes, IFRAME_INSTRUCTION) - frame->code -
			 field_offset(fields, CODE_CODE));
}

/* Who owns a frame, in the order of CPython's enum _frameowner. */
enum { OWNED_BY_THREAD, OWNED_BY_GENERATOR, OWNED_BY_OBJECT };

void frame_rows(struct walk *walk, addr_t address, uint32_t thread, uint32_t *frame_number)
{
	const struct fields *fields = &walk->python->fields;

	for (uint32_t depth = 0; address && depth < MOST_FRAMES;) {
		struct open_frame frame;
		const uint8_t *bytes =
			image_view(walk->python->image, address,
				   field_offset(fields, IFRAME_LOCALSPLUS), &walk->hint);
		uint64_t owner = bytes ? field_get(fields, bytes, IFRAME_OWNER) : 0;

		if (!bytes ||
		    (owner <= OWNED_BY_OBJECT && !open_frame(walk, address, &frame))) {
			anomaly_record(walk->python->anomalies, STAGE_CPYTHON, address,
				       "a stack of Python frames ends early: the next frame is "
				       "missing or damaged");
			return;
		}
		if (owner <= OWNED_BY_OBJECT) {
			frame_row(walk,
				  &(struct frame_report){.thread = thread,
							 .depth = depth++,
							 .address = address},
				  frame.code, instruction_of(walk, &frame));
			walk->holder.root = (struct graph_root){.kind = ROOT_FRAME,
								.thread = thread,
								.frame = (*frame_number)++};
			if (owner == OWNED_BY_THREAD)
				frame_references(walk, address, REFERENCE_COUNTED);
		}
		address = field_get(fields, bytes, IFRAME_PREVIOUS);
	}
}
