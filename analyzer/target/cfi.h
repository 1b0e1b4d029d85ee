/*
 * Call frame information: where a function that is in the middle of its code keeps its caller's
 * registers.  Read from a binary's .eh_frame, found through the table in .eh_frame_hdr, which
 * every x86-64 binary has, stripped or not.
 *
 * Refuses to know: processes, names.
 */
#ifndef TARGET_CFI_H
#define TARGET_CFI_H

#include "core/binary.h"

/* DWARF's numbers of registers on x86-64. */
enum {
	CFI_RBX = 3,
	CFI_RBP = 6,
	CFI_RSP = 7,
	CFI_R12 = 12,
	CFI_R13,
	CFI_R14,
	CFI_R15,
	CFI_RETURN, /* the return address */
	CFI_REGISTERS
};

/*
 * At one instruction.  The canonical frame address (CFA) is the stack pointer before the call
 * pushed the return address: register + offset.  A register is in memory at CFA + saved[r], or
 * still has the caller's value.
 */
struct cfi_rules {
	addr_t start; /* link-time; of the stretch of code that the instruction is in */
	uint32_t cfa_register;
	int64_t cfa_offset; /* bytes */
	int64_t saved[CFI_REGISTERS];
	uint32_t is_saved;   /* a bit a register */
	uint32_t is_unknown; /* a bit a register: lost, or told by an expression */
};

/*
 * The rules at a link-time address.  False where there are none, where they are damaged or need
 * an expression for the CFA.
 */
bool cfi_find(const struct binary *binary, addr_t address, struct cfi_rules *ret);

#endif
