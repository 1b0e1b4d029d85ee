/*
 * Where the evaluation stack of an executing frame ends.  A frame that is in the middle of an
 * instruction has not written it down; its bytecode and the instruction tell.
 */
#ifndef RUNTIME_CPYTHON_STACK_DEPTH_H
#define RUNTIME_CPYTHON_STACK_DEPTH_H

#include "runtime/cpython/python.h"

struct executing {
	addr_t code;
	uint64_t instruction; /* byte offset of the one being executed */
	const uint8_t *slots; /* [8 * slot_count], of the evaluation stack; mapped */
	uint32_t slot_count;
	bool is_innermost; /* of its thread: it may stand between two instructions */
};

#define NO_SLOT UINT32_MAX

struct stack_depth {
	uint32_t
		held; /* slots from the bottom that surely hold references of the frame's own */
	uint32_t possible; /* >= held: those between may be stale; above are no references */
	uint32_t lent; /* one below held that may hold what is not the frame's; or NO_SLOT */
};

/* False where it cannot be told: any slot may then be stale. */
bool stack_depth(const struct python *python, const struct executing *frame,
		 struct stack_depth *ret);

#endif
