/*
 * How deep the evaluation stack is before an instruction of a code object: the code decides
 * that, whichever way control came there.
 *
 * Refuses to know: processes; which of the operands are still there while it runs.
 */
#ifndef RUNTIME_CPYTHON_BYTECODE_H
#define RUNTIME_CPYTHON_BYTECODE_H

#include "runtime/cpython/opcodes.h"

/* The bytes live as long as their owner says; nothing is kept. */
struct bytecode {
	unsigned minor;          /* of 3.x */
	const uint8_t *bytes;    /* [size], as they stand in memory: maybe specialised */
	uint32_t size;           /* bytes */
	const uint8_t *handlers; /* co_exceptiontable (3.11 and later), or NULL */
	uint32_t handlers_size;  /* bytes */
	const uint8_t
		*unspecialise; /* [256], _PyOpcode_Deopt, or NULL: nothing is specialised */
	const uint8_t *caches; /* [256], _PyOpcode_Caches: code units behind each; or NULL */
};

struct instruction {
	const struct opcode *opcode;
	uint32_t argument;
	bool is_specialised;
	uint32_t low,
		high;     /* slots in use before it; they differ in 3.8's finally blocks only */
	uint32_t deepest; /* slots, of any instruction of the code */
};

/*
 * The instruction at a byte offset.  False where its depth cannot be told: an opcode that is
 * not known, code that is not reached, or depths that contradict each other.
 */
bool bytecode_instruction(const struct bytecode *code, uint64_t offset,
			  struct instruction *ret);

#endif
