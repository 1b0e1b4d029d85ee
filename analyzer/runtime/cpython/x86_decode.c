/*
 * OFFSET MEANING          (Intel SDM volume 2, chapter 2 and appendix A: the opcode maps)
 *      0 prefixes: 66 operand size, f2/f3 repeat, 64 fs, 2e 36 3e 26 without effect
 *      … REX: 40 … 4f; W 8 (64-bit operand), R 4 (reg), X 2 (index), B 1 (base, rm)
 *      … opcode, or 0f and an opcode
 *      … ModRM: mode 2 bits, reg 3, rm 3; rm 4 with memory: a SIB byte; mode 0, rm 5: rip
 *      … SIB: scale 2 bits, index 3 (4: none), base 3 (5 in mode 0: none)
 *      … displacement: 0, 1 or 4 bytes; immediate: 0, 1, 2, 4 or 8 bytes
 */
#include "runtime/cpython/x86_decode.h"

#include <string.h>

enum form {
	KNOWN = 1,
	MODRM = 2,
	BYTE_IMMEDIATE = 4,
	IMMEDIATE = 8,           /* as wide as the operand, at most 4 bytes */
	FULL_IMMEDIATE = 16,     /* all of 8 bytes with REX.W */
	SHORT_IMMEDIATE = 32,    /* 2 bytes */
	BYTE_OPERAND = 64,       /* the operand is a byte */
	WIDE = 128,              /* the operand is 64 bits without REX.W, too */
	LOW_REGISTER = 256,      /* the opcode's low bits are a register */
	TESTS_IMMEDIATE = 512,   /* reg 0 and 1 have an immediate */
	BRANCH_IMMEDIATE = 1024, /* 4 bytes, whatever the operand size */
};

#define PLAIN     (KNOWN)
#define MODE      (KNOWN | MODRM)
#define MODE_BYTE (KNOWN | MODRM | BYTE_OPERAND)

static const uint16_t one_byte[256] = {
#define ARITHMETIC(first)                                                            \
	[(first)] = MODE_BYTE, [(first) + 1] = MODE, [(first) + 2] = MODE_BYTE,      \
	[(first) + 3] = MODE, [(first) + 4] = KNOWN | BYTE_OPERAND | BYTE_IMMEDIATE, \
	[(first) + 5] = KNOWN | IMMEDIATE
	ARITHMETIC(0x00),
	ARITHMETIC(0x08),
	ARITHMETIC(0x10),
	ARITHMETIC(0x18),
	ARITHMETIC(0x20),
	ARITHMETIC(0x28),
	ARITHMETIC(0x30),
	ARITHMETIC(0x38),
#undef ARITHMETIC
	[0x50 ... 0x5f] = KNOWN | WIDE | LOW_REGISTER,
	[0x63] = MODE,
	[0x68] = KNOWN | WIDE | IMMEDIATE,
	[0x69] = MODE | IMMEDIATE,
	[0x6a] = KNOWN | WIDE | BYTE_IMMEDIATE,
	[0x6b] = MODE | BYTE_IMMEDIATE,
	[0x70 ... 0x7f] = KNOWN | BYTE_IMMEDIATE,
	[0x80] = MODE_BYTE | BYTE_IMMEDIATE,
	[0x81] = MODE | IMMEDIATE,
	[0x83] = MODE | BYTE_IMMEDIATE,
	[0x84] = MODE_BYTE,
	[0x85] = MODE,
	[0x86] = MODE_BYTE,
	[0x87] = MODE,
	[0x88] = MODE_BYTE,
	[0x89] = MODE,
	[0x8a] = MODE_BYTE,
	[0x8b] = MODE,
	[0x8d] = MODE,
	[0x8f] = MODE | WIDE,
	[0x90 ... 0x97] = KNOWN | LOW_REGISTER,
	[0x98 ... 0x99] = PLAIN,
	[0xa8] = KNOWN | BYTE_OPERAND | BYTE_IMMEDIATE,
	[0xa9] = KNOWN | IMMEDIATE,
	[0xaa] = KNOWN | BYTE_OPERAND,
	[0xab] = PLAIN,
	[0xb0 ... 0xb7] = KNOWN | BYTE_OPERAND | LOW_REGISTER | BYTE_IMMEDIATE,
	[0xb8 ... 0xbf] = KNOWN | LOW_REGISTER | FULL_IMMEDIATE,
	[0xc0] = MODE_BYTE | BYTE_IMMEDIATE,
	[0xc1] = MODE | BYTE_IMMEDIATE,
	[0xc2] = KNOWN | WIDE | SHORT_IMMEDIATE,
	[0xc3] = KNOWN | WIDE,
	[0xc6] = MODE_BYTE | BYTE_IMMEDIATE,
	[0xc7] = MODE | IMMEDIATE,
	[0xc9] = KNOWN | WIDE,
	[0xd0] = MODE_BYTE,
	[0xd1] = MODE,
	[0xd2] = MODE_BYTE,
	[0xd3] = MODE,
	[0xe8 ... 0xe9] = KNOWN | WIDE | BRANCH_IMMEDIATE,
	[0xeb] = KNOWN | WIDE | BYTE_IMMEDIATE,
	[0xf6] = MODE_BYTE | TESTS_IMMEDIATE,
	[0xf7] = MODE | TESTS_IMMEDIATE,
	[0xfe] = MODE_BYTE,
	[0xff] = MODE,
};

static const uint16_t two_byte[256] = {
	[0x0d] = MODE,
	[0x10 ... 0x13] = MODE,
	[0x14] = MODE,
	[0x16 ... 0x1f] = MODE,
	[0x28 ... 0x29] = MODE,
	[0x40 ... 0x4f] = MODE,
	[0x54 ... 0x57] = MODE,
	[0x60 ... 0x62] = MODE,
	[0x6c ... 0x6f] = MODE,
	[0x70] = MODE | BYTE_IMMEDIATE,
	[0x73] = MODE | BYTE_IMMEDIATE,
	[0x7e ... 0x7f] = MODE,
	[0x80 ... 0x8f] = KNOWN | WIDE | BRANCH_IMMEDIATE,
	[0x90 ... 0x9f] = MODE_BYTE,
	[0xa3] = MODE,
	[0xab] = MODE,
	[0xaf] = MODE,
	[0xb3] = MODE,
	[0xb6 ... 0xb8] = MODE,
	[0xba] = MODE | BYTE_IMMEDIATE,
	[0xbb ... 0xbf] = MODE,
	[0xc6] = MODE | BYTE_IMMEDIATE,
	[0xc8 ... 0xcf] = KNOWN | LOW_REGISTER,
	[0xd4] = MODE,
	[0xd6] = MODE,
	[0xdb] = MODE,
	[0xdf] = MODE,
	[0xeb] = MODE,
	[0xef] = MODE,
	[0xfa ... 0xfb] = MODE,
	[0xfe] = MODE,
};

struct cursor {
	const uint8_t *at, *end;
	bool failed; /* something was cut off */
};

static uint8_t next_byte(struct cursor *cursor)
{
	if (cursor->at < cursor->end)
		return *cursor->at++;
	cursor->failed = true;
	return 0;
}

/* A little-endian number, sign-extended from its `size` bytes. */
static uint64_t next_number(struct cursor *cursor, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)next_byte(cursor) << 8 * i;
	if (size == 0 || size == 8)
		return value;
	return (value ^ 1ull << (8 * size - 1)) - (1ull << (8 * size - 1));
}

/* The first byte that is no prefix.  What only other modes or tricks have makes it fail. */
static uint8_t read_prefixes(struct cursor *cursor, struct x86_instruction *ret, bool *narrow)
{
	for (;;) {
		uint8_t byte = next_byte(cursor);

		if (cursor->failed)
			return 0;
		if (byte == 0x66) {
			*narrow = true;
			if (!ret->prefix)
				ret->prefix = byte;
		} else if (byte == 0xf2 || byte == 0xf3) {
			ret->prefix = byte;
		} else if (byte == 0x64) {
			ret->uses_fs = true;
		} else if (byte != 0x2e && byte != 0x36 && byte != 0x3e && byte != 0x26) {
			return byte;
		}
	}
}

static void read_sib(struct cursor *cursor, unsigned mode, struct x86_instruction *ret)
{
	uint8_t sib = next_byte(cursor);
	uint8_t index = (uint8_t)((sib >> 3 & 7) | (ret->rex & 2) << 2);

	ret->shift = sib >> 6;
	ret->index = index == X86_RSP ? X86_NONE : index;
	ret->base = (uint8_t)((sib & 7) | (ret->rex & 1) << 3);
	if (mode == 0 && (sib & 7) == X86_RBP) {
		ret->base = X86_NONE;
		ret->displacement = (int32_t)next_number(cursor, 4);
	}
}

static void read_modrm(struct cursor *cursor, struct x86_instruction *ret)
{
	uint8_t modrm = next_byte(cursor);
	unsigned mode = modrm >> 6;

	ret->reg = (uint8_t)((modrm >> 3 & 7) | (ret->rex & 4) << 1);
	ret->rm = (uint8_t)((modrm & 7) | (ret->rex & 1) << 3);
	if (mode == 3)
		return;
	ret->has_memory = true;
	ret->base = ret->rm;
	if ((modrm & 7) == X86_RSP) {
		read_sib(cursor, mode, ret);
	} else if (mode == 0 && (modrm & 7) == X86_RBP) {
		ret->base = X86_NONE;
		ret->is_relative = true;
		ret->displacement = (int32_t)next_number(cursor, 4);
	}
	if (mode == 1)
		ret->displacement = (int32_t)next_number(cursor, 1);
	else if (mode == 2)
		ret->displacement = (int32_t)next_number(cursor, 4);
}

static unsigned immediate_size(uint16_t form, const struct x86_instruction *instruction)
{
	unsigned widest = instruction->size < 4 ? instruction->size : 4;

	if (form & BYTE_IMMEDIATE)
		return 1;
	if (form & SHORT_IMMEDIATE)
		return 2;
	if (form & BRANCH_IMMEDIATE)
		return 4;
	if (form & FULL_IMMEDIATE)
		return instruction->size;
	if (form & IMMEDIATE)
		return widest;
	return form & TESTS_IMMEDIATE && (instruction->reg & 7) < 2 ? widest : 0;
}

static uint8_t operand_size(uint16_t form, const struct x86_instruction *instruction,
			    bool narrow)
{
	if (form & BYTE_OPERAND)
		return 1;
	if (form & WIDE || instruction->rex & 8)
		return 8;
	return narrow ? 2 : 4;
}

bool x86_decode(const uint8_t *bytes, size_t size, struct x86_instruction *ret)
{
	struct cursor cursor = {bytes, bytes + (size < X86_LONGEST ? size : X86_LONGEST),
				false};
	bool narrow = false;
	uint16_t form;

	*ret = (struct x86_instruction){.base = X86_NONE, .index = X86_NONE};
	ret->opcode = read_prefixes(&cursor, ret, &narrow);
	if ((ret->opcode & 0xf0) == 0x40) {
		ret->rex = ret->opcode;
		ret->opcode = next_byte(&cursor);
	}
	if (ret->opcode == 0x0f) {
		ret->is_two_byte = true;
		ret->opcode = next_byte(&cursor);
	}
	form = ret->is_two_byte ? two_byte[ret->opcode] : one_byte[ret->opcode];
	/* A 16-bit push or branch is nothing that a compiler writes. */
	if (!form || (form & WIDE && narrow && !(ret->rex & 8)))
		return false;
	ret->size = operand_size(form, ret, narrow);
	if (form & LOW_REGISTER)
		ret->rm = (uint8_t)((ret->opcode & 7) | (ret->rex & 1) << 3);
	if (form & MODRM)
		read_modrm(&cursor, ret);
	ret->immediate = next_number(&cursor, immediate_size(form, ret));
	ret->length = (uint8_t)(cursor.at - bytes);
	return !cursor.failed;
}
