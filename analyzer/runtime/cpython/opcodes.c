#include "runtime/cpython/opcodes.h"

#define OPCODE(number, label, shape_, base_, each_, jump_, jumping_, role_, released_, \
	       special_)                                                               \
	[number] = {.name = #label,                                                    \
		    .shape = SHAPE_##shape_,                                           \
		    .base = base_,                                                     \
		    .each = each_,                                                     \
		    .jump = JUMP_##jump_,                                              \
		    .jumping = jumping_,                                               \
		    .role = ROLE_##role_,                                              \
		    .released = released_,                                             \
		    .specialised = special_},

static const struct opcode opcodes_3_8[256] = {
#include "runtime/cpython/opcodes_3_8.def"
};

static const struct opcode opcodes_3_9[256] = {
#include "runtime/cpython/opcodes_3_9.def"
};

static const struct opcode opcodes_3_10[256] = {
#include "runtime/cpython/opcodes_3_10.def"
};

static const struct opcode opcodes_3_11[256] = {
#include "runtime/cpython/opcodes_3_11.def"
};

static const struct opcode opcodes_3_12[256] = {
#include "runtime/cpython/opcodes_3_12.def"
};

static const struct opcode opcodes_3_13[256] = {
#include "runtime/cpython/opcodes_3_13.def"
};

const struct opcode *opcode_table(unsigned minor)
{
	/* Numbers change with every version: here it is the fact itself. */
	static const struct opcode *const tables[] = {
		[8] = opcodes_3_8,   [9] = opcodes_3_9,   [10] = opcodes_3_10,
		[11] = opcodes_3_11, [12] = opcodes_3_12, [13] = opcodes_3_13,
	};

	return minor < ARRAY_COUNT(tables) ? tables[minor] : NULL;
}

int64_t opcode_effect(const struct opcode *opcode, uint32_t argument)
{
	int64_t units = argument;

	if (opcode->shape == SHAPE_BIT_0)
		units = argument & 1;
	else if (opcode->shape == SHAPE_BIT_2)
		units = argument >> 2 & 1;
	else if (opcode->shape == SHAPE_BITS)
		units = __builtin_popcount(argument & 15);
	else if (opcode->shape == SHAPE_THREE)
		units = argument == 3;
	else if (opcode->shape == SHAPE_UNPACK)
		units = (argument & 255) + (argument >> 8);
	return opcode->base + opcode->each * units;
}
