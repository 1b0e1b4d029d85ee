/*
 * The C frames of a thread, innermost first: each with the words of the stack that are its own
 * and the registers as they are while it is waiting for the frame that it called.
 *
 * Refuses to know: what the words mean; local variables.
 */
#ifndef TARGET_UNWIND_H
#define TARGET_UNWIND_H

#include "target/cfi.h"
#include "target/target.h"

struct unwind {
	struct target *target;
	uint64_t registers[CFI_REGISTERS]; /* of the next frame */
	uint32_t known;                    /* a bit a register */
	bool is_caller;                    /* its instruction pointer is a return address */
	size_t hint;
};

struct call_frame {
	addr_t code; /* where the stretch of code begins that it is in: a function's, or a part */
	addr_t start, end; /* its words: from the stack pointer up to the return address */
	uint64_t registers[CFI_REGISTERS];
	uint32_t known;              /* a bit a register whose value is known */
	uint32_t own;                /* a bit a register: saved by the frame, for its own use */
	addr_t saved[CFI_REGISTERS]; /* where: words that are the caller's */
};

void unwind_begin(struct unwind *unwind, struct target *target,
		  const struct image_thread *thread);
/* False at the end, or where it cannot go on: code without frame information, a bad stack. */
bool unwind_next(struct unwind *unwind, struct call_frame *ret);

#endif
