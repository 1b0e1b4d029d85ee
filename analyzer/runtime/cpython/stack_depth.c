/*
 * What counts is the depth before the instruction: while it runs, its operands are still in
 * their slots, or the interpreter's loop holds them, with the words in place.  Exceptions:
 *
 *   released  operands that have been handed over, say to a local whose old value's finalizer
 *             runs now
 *   calls     when done, the loop may let other threads, the collector or signal handlers run
 *             before it goes on to the next instruction: the result stands where the call's
 *             first operand (nothing, or something that can be called) has been
 *   lent      a bound method or partial object called puts its own first argument into the slot
 *             below the others, where it stood itself
 *   f(*x)     the loop replaces what is not a tuple or dict by one that no slot shows
 *   3.8–3.10  the innermost frame may so stand behind any instruction
 */
#include "runtime/cpython/stack_depth.h"

#include "runtime/cpython/bytecode.h"

#include <stdio.h>

#define MOST_CODE               ((uint64_t)1 << 22)
#define FLAG_TUPLE              (1ull << 26)
#define FLAG_DICT               (1ull << 29)
#define FLAG_METHOD_DESCRIPTOR  (1ull << 17)
#define LAST_LOOSE_MINOR        10 /* whose loop may pause behind any instruction */
#define FIRST_SPECIALISED_MINOR 11

struct tables {
	uint8_t unspecialise[256], caches[256];
};

static unsigned minor_version(const struct python *python)
{
	unsigned major = 0, minor = 0;

	return sscanf(python->version, "%u.%u", &major, &minor) == 2 && major == 3 ? minor : 0;
}

static bool read_table(const struct python *python, const char *name, uint8_t *ret)
{
	addr_t address;

	return module_symbol(python->target, python->module, name, &address) &&
	       image_read(python->image, address, ret, 256);
}

/* The data of a bytes object. */
static bool view_bytes(const struct python *python, addr_t field, const uint8_t **ret,
		       uint32_t *ret_size)
{
	uint64_t size;
	addr_t object;
	size_t hint = 0;

	if (!image_read_u64(python->image, field, &object) ||
	    !image_read_u64(python->image, object + field_offset(&python->fields, VAR_SIZE),
			    &size) ||
	    size > MOST_CODE)
		return false;
	*ret_size = (uint32_t)size;
	if (!size)
		return true;
	*ret = image_view(python->image, object + field_offset(&python->fields, BYTES_DATA),
			  size, &hint);
	return *ret;
}

/* Since 3.11 the code is part of its object, and specialised in place. */
static bool view_adaptive(const struct python *python, addr_t code, struct tables *tables,
			  struct bytecode *ret)
{
	const struct fields *fields = &python->fields;
	uint64_t units;
	size_t hint = 0;

	if (!read_table(python, "_PyOpcode_Deopt", tables->unspecialise) ||
	    !read_table(python, "_PyOpcode_Caches", tables->caches) ||
	    !image_read_u64(python->image, code + field_offset(fields, VAR_SIZE), &units) ||
	    units > MOST_CODE / 2 ||
	    !view_bytes(python, code + field_offset(fields, CODE_EXCEPTIONTABLE),
			&ret->handlers, &ret->handlers_size))
		return false;
	ret->unspecialise = tables->unspecialise;
	ret->caches = tables->caches;
	ret->size = (uint32_t)units * 2;
	ret->bytes = image_view(python->image, code + field_offset(fields, CODE_CODE),
				ret->size, &hint);
	return ret->bytes;
}

static bool view_code(const struct python *python, addr_t code, struct tables *tables,
		      struct bytecode *ret)
{
	*ret = (struct bytecode){.minor = minor_version(python)};
	if (ret->minor >= FIRST_SPECIALISED_MINOR)
		return has_field(&python->fields, CODE_CODE) &&
		       has_field(&python->fields, CODE_EXCEPTIONTABLE) &&
		       view_adaptive(python, code, tables, ret);
	return has_field(&python->fields, CODE_BYTES) &&
	       view_bytes(python, code + field_offset(&python->fields, CODE_BYTES), &ret->bytes,
			  &ret->size);
}

/* A field of the type of what a slot holds; 0 for an empty slot. */
static uint64_t of_type(const struct python *python, const struct executing *frame,
			uint32_t slot, enum field field)
{
	addr_t type = 0;
	uint64_t value = 0;

	if (slot < frame->slot_count &&
	    image_read_u64(python->image,
			   word_at(frame->slots + (size_t)slot * 8) +
				   field_offset(&python->fields, OBJECT_TYPE),
			   &type))
		image_read_u64(python->image, type + field_offset(&python->fields, field),
			       &value);
	return value;
}

static uint64_t slot_word(const struct executing *frame, uint32_t slot)
{
	return slot < frame->slot_count ? word_at(frame->slots + (size_t)slot * 8) : 0;
}

/* Can no slot of a call have been lent where such an object stands?  Functions do not borrow.
 */
static bool is_function(const struct python *python, const struct executing *frame,
			unsigned minor, uint32_t slot)
{
	uint64_t flags = of_type(python, frame, slot, TYPE_FLAGS);
	addr_t builtin, type = 0;

	/* Until 3.10 a class may be what a bound class method has put there. */
	if (flags & FLAG_METHOD_DESCRIPTOR || (minor > LAST_LOOSE_MINOR && flags & FLAG_TYPE))
		return true;
	image_read_u64(python->image,
		       slot_word(frame, slot) + field_offset(&python->fields, OBJECT_TYPE),
		       &type);
	return module_symbol(python->target, python->module, "PyCFunction_Type", &builtin) &&
	       type == builtin;
}

/*
 * Is the call with this first operand surely going on?  Its place is the result's; one that is
 * no callable may be that, or one lent.
 */
static bool is_calling(const struct python *python, const struct executing *frame,
		       unsigned minor, uint32_t first)
{
	if (minor <= LAST_LOOSE_MINOR && !frame->is_innermost)
		return true;
	return !slot_word(frame, first) || of_type(python, frame, first, TYPE_CALL);
}

/* f(*x, **y): the slots may show what has been replaced and released. */
static void unpacking_depth(const struct python *python, const struct executing *frame,
			    uint32_t argument, struct stack_depth *ret)
{
	bool has_dict = argument & 1;
	uint32_t tuple = ret->held - 1 - has_dict;

	if (has_dict && !(of_type(python, frame, tuple + 1, TYPE_FLAGS) & FLAG_DICT))
		ret->held = tuple + 1;
	if (!(of_type(python, frame, tuple, TYPE_FLAGS) & FLAG_TUPLE))
		ret->held = tuple;
}

static void call_depth(const struct python *python, const struct executing *frame,
		       unsigned minor, const struct instruction *instruction,
		       struct stack_depth *ret)
{
	enum opcode_role role = instruction->opcode->role;
	uint32_t operands =
		(uint32_t)(1 - opcode_effect(instruction->opcode, instruction->argument));
	uint32_t first;

	if (role == ROLE_PRECALL)
		operands = instruction->argument + 2;
	if (operands > ret->held) {
		ret->held = 0;
		return;
	}
	first = ret->held - operands;
	if (!is_calling(python, frame, minor, first)) {
		ret->held = first;
		return;
	}
	if (role == ROLE_CALL_EX) {
		unpacking_depth(python, frame, instruction->argument, ret);
		return;
	}
	if (!slot_word(frame, first))
		first++;
	if (!is_function(python, frame, minor, first))
		ret->lent = first;
}

static void lower(struct stack_depth *depth, int64_t held)
{
	if (held < depth->held)
		depth->held = held < 0 ? 0 : (uint32_t)held;
}

static void operand_depth(const struct bytecode *code, const struct executing *frame,
			  const struct instruction *instruction, struct stack_depth *ret)
{
	const struct opcode *opcode = instruction->opcode;
	uint32_t released = opcode->released;
	int64_t after = instruction->low + opcode_effect(opcode, instruction->argument);
	bool may_be_done = frame->is_innermost && code->minor <= LAST_LOOSE_MINOR;

	if (instruction->is_specialised && opcode->specialised &&
	    opcode->specialised <= instruction->low)
		ret->lent = instruction->low - opcode->specialised;
	if (opcode->role == ROLE_HANDS_OVER)
		released = instruction->argument;
	lower(ret, (int64_t)instruction->low - released);
	if (may_be_done)
		lower(ret, after);
	if ((may_be_done || opcode->role == ROLE_FILLS) && after > ret->possible)
		ret->possible = (uint32_t)after;
}

bool stack_depth(const struct python *python, const struct executing *frame,
		 struct stack_depth *ret)
{
	struct instruction instruction;
	struct bytecode code;
	struct tables tables;

	if (!view_code(python, frame->code, &tables, &code) ||
	    !bytecode_instruction(&code, frame->instruction, &instruction) ||
	    instruction.deepest > frame->slot_count)
		return false;
	*ret = (struct stack_depth){instruction.low, instruction.high, NO_SLOT};
	if (instruction.low == instruction.high && instruction.opcode->role >= ROLE_CALL &&
	    instruction.opcode->role <= ROLE_PRECALL)
		call_depth(python, frame, code.minor, &instruction, ret);
	else
		operand_depth(&code, frame, &instruction, ret);
	if (ret->possible > frame->slot_count)
		ret->possible = frame->slot_count;
	return ret->held <= ret->possible;
}
