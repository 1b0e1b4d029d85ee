/*
 * One x86-64 instruction, as its bytes say: operands and immediate, without a meaning.
 *
 * Refuses to know: what an instruction does, and every encoding that compilers do not use for
 * plain functions (VEX, x87, three-byte opcodes, segments other than fs, 32-bit addresses).
 */
#ifndef RUNTIME_CPYTHON_X86_DECODE_H
#define RUNTIME_CPYTHON_X86_DECODE_H

#include "base/types.h"

#define X86_LONGEST 15 /* bytes of an instruction */
#define X86_NONE    0xff

/* Numbers of the registers that instructions name implicitly. */
enum { X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI };

struct x86_instruction {
	uint8_t length; /* bytes */
	uint8_t opcode; /* the last byte of it */
	bool is_two_byte;
	uint8_t prefix; /* 0, 0x66, 0xf2 or 0xf3: the one that selects among vector operations */
	uint8_t rex;    /* 0: none */
	uint8_t size;   /* bytes of an operand: 1, 2, 4, 8 */
	uint8_t reg;    /* ModRM's register or opcode extension, widened by REX */
	uint8_t rm;     /* register of a ModRM without memory, or in the opcode's low bits */
	bool has_memory;
	bool uses_fs;
	bool is_relative;    /* the displacement counts from the next instruction */
	uint8_t base, index; /* registers of the memory operand; X86_NONE */
	uint8_t shift;       /* of the index */
	int32_t displacement;
	uint64_t immediate; /* sign-extended */
};

/* The instruction that begins bytes[0…size).  False: unknown, or cut off. */
bool x86_decode(const uint8_t *bytes, size_t size, struct x86_instruction *ret);

#endif
