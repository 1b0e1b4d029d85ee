/*
 * What the instructions of each CPython do to the evaluation stack, as data: one
 * opcodes_3_*.def a minor version, written by tests/runtime/cpython/make_opcodes.py.
 *
 *   number    of the opcode, unspecialised
 *   shape     what of the argument counts; 3.8's finally blocks have shapes of their own
 *   base      slots that are pushed, less those that are popped …
 *   each      … and as much again for each unit of the argument's shape
 *   jump      whether it jumps, from where its argument counts, and whether it can go on
 *   jumping   slots pushed less popped where it jumps
 *   role      what else is to be known of its operands while it runs; see stack_depth.c
 *   released  operands from the top that are handed over or released before other code can run
 *   specialised  which operand from the top, 1 being the first, specialised forms hand over, too
 *
 * Refuses to know: where the bytecode comes from.
 */
#ifndef RUNTIME_CPYTHON_OPCODES_H
#define RUNTIME_CPYTHON_OPCODES_H

#include "base/types.h"

enum opcode_shape {
	SHAPE_PLAIN, /* the argument */
	SHAPE_BIT_0,
	SHAPE_BIT_2,
	SHAPE_BITS,   /* how many of the lowest four are set */
	SHAPE_THREE,  /* 1 if it is 3 */
	SHAPE_UNPACK, /* low byte, plus what is above it */
	/* 3.8 only; see bytecode.c. */
	SHAPE_SETUP,
	SHAPE_BEGIN_FINALLY,
	SHAPE_CALL_FINALLY,
	SHAPE_END_FINALLY,
	SHAPE_POP_FINALLY,
	SHAPE_POP_HANDLER,
	SHAPE_CLEANUP_START,
	SHAPE_CLEANUP_FINISH,
};

enum opcode_jump {
	JUMP_NEXT, /* never jumps */
	JUMP_STOP, /* the frame ends, or a handler goes on */
	JUMP_ABSOLUTE,
	JUMP_FORWARD,
	JUMP_BACKWARD, /* or goes on */
	JUMP_GO_ABSOLUTE,
	JUMP_GO_FORWARD,
	JUMP_GO_BACKWARD, /* always */
};

enum opcode_role {
	ROLE_PLAIN,
	ROLE_PREFIX, /* the argument's upper bytes */
	ROLE_BEGINS, /* of a generator whose first value is on the stack from the start (3.10)
		      */
	ROLE_CALL,
	ROLE_CALL_EX,
	ROLE_PRECALL,
	ROLE_FILLS,      /* fills the slots above while it runs */
	ROLE_HANDS_OVER, /* its operands, one after the other */
};

struct opcode {
	const char *name; /* NULL: there is no such opcode */
	int8_t base, each, jumping;
	uint8_t released, specialised;
	enum opcode_shape shape;
	enum opcode_jump jump;
	enum opcode_role role;
};

/* [256]; NULL for a version that has no table. */
const struct opcode *opcode_table(unsigned minor);

/* Slots pushed less popped when it does not jump. */
int64_t opcode_effect(const struct opcode *opcode, uint32_t argument);

#endif
