/*
 * SSE2 as compilers use it for pairs of words: moves, masks, sums and shuffles.
 */
#include "runtime/cpython/x86_handlers.h"

struct vector {
	uint64_t low, high;
};

static bool not_known(struct x86_machine *machine)
{
	return x86_give_up(machine, "it has a vector instruction that is not known");
}

static struct vector get(const struct x86_machine *machine, uint8_t number)
{
	return (struct vector){machine->vectors[number][0], machine->vectors[number][1]};
}

static bool set(struct x86_machine *machine, uint8_t number, struct vector value)
{
	machine->vectors[number][0] = value.low;
	machine->vectors[number][1] = value.high;
	return true;
}

/* A register or 16 bytes of memory. */
static bool operand(struct x86_machine *machine, const struct x86_instruction *instruction,
		    struct vector *ret)
{
	addr_t address;

	*ret = get(machine, instruction->rm);
	return !instruction->has_memory || (x86_address(machine, instruction, &address) &&
					    x86_load(machine, address, 8, &ret->low) &&
					    x86_load(machine, address + 8, 8, &ret->high));
}

/* Bytes that the prefix stands for: a float, a double, or all; 0: it is another instruction. */
static unsigned moved_size(const struct x86_instruction *instruction)
{
	uint8_t opcode = instruction->opcode, prefix = instruction->prefix;

	if (opcode <= 0x11)
		return prefix == 0xf3 ? 4 : prefix == 0xf2 ? 8 : 16;
	if (opcode == 0xd6)
		return prefix == 0x66 ? 8 : 0;
	if (opcode == 0x6f || opcode == 0x7f) /* without a prefix it is MMX */
		return prefix == 0x66 || prefix == 0xf3 ? 16 : 0;
	return prefix == 0 || prefix == 0x66 ? 16 : 0;
}

bool x86_vector_load(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = moved_size(instruction);
	struct vector value = get(machine, instruction->reg);
	addr_t address;

	if (size == 16)
		return operand(machine, instruction, &value) &&
		       set(machine, instruction->reg, value);
	if (!size || !instruction->has_memory)
		return not_known(machine);
	value.high = 0; /* from memory the rest becomes zero */
	return x86_address(machine, instruction, &address) &&
	       x86_load(machine, address, size, &value.low) &&
	       set(machine, instruction->reg, value);
}

bool x86_vector_store(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = moved_size(instruction);
	struct vector value = get(machine, instruction->reg);
	addr_t address;

	if (!size || (!instruction->has_memory && size < 16 && instruction->opcode != 0xd6))
		return not_known(machine);
	if (!instruction->has_memory) {
		if (size == 8)
			value.high = 0;
		return set(machine, instruction->rm, value);
	}
	return x86_address(machine, instruction, &address) &&
	       x86_store(machine, address, size < 8 ? size : 8, value.low, NULL) &&
	       (size < 16 || x86_store(machine, address + 8, 8, value.high, NULL));
}

/* movlps, movlpd, and between registers movhlps. */
bool x86_vector_low(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector value = get(machine, instruction->reg);
	addr_t address;

	if (instruction->prefix == 0xf2 || instruction->prefix == 0xf3)
		return not_known(machine);
	if (!instruction->has_memory) {
		if (instruction->prefix || instruction->opcode & 1)
			return not_known(machine);
		value.low = get(machine, instruction->rm).high;
		return set(machine, instruction->reg, value);
	}
	if (!x86_address(machine, instruction, &address))
		return false;
	if (instruction->opcode & 1)
		return x86_store(machine, address, 8, value.low, NULL);
	return x86_load(machine, address, 8, &value.low) &&
	       set(machine, instruction->reg, value);
}

/* movhps, movhpd, and between registers movlhps. */
bool x86_vector_high(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector value = get(machine, instruction->reg);
	addr_t address;

	if (instruction->prefix == 0xf2 || instruction->prefix == 0xf3)
		return not_known(machine);
	if (!instruction->has_memory) {
		if (instruction->prefix || instruction->opcode & 1)
			return not_known(machine);
		value.high = get(machine, instruction->rm).low;
		return set(machine, instruction->reg, value);
	}
	if (!x86_address(machine, instruction, &address))
		return false;
	if (instruction->opcode & 1)
		return x86_store(machine, address, 8, value.high, NULL);
	return x86_load(machine, address, 8, &value.high) &&
	       set(machine, instruction->reg, value);
}

bool x86_vector_from(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->rex & 8 ? 8 : 4;
	struct vector value = {0, 0};

	if (instruction->prefix != 0x66)
		return not_known(machine);
	return x86_operand(machine, instruction, size, &value.low) &&
	       set(machine, instruction->reg, value);
}

bool x86_vector_7e(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector value = get(machine, instruction->reg);
	struct x86_instruction to = *instruction;
	addr_t address;

	if (instruction->prefix == 0x66) { /* movd, movq to a general register or memory */
		to.size = instruction->rex & 8 ? 8 : 4;
		return x86_set_operand(machine, &to, value.low);
	}
	if (instruction->prefix != 0xf3)
		return not_known(machine);
	value = (struct vector){get(machine, instruction->rm).low, 0};
	if (instruction->has_memory && (!x86_address(machine, instruction, &address) ||
					!x86_load(machine, address, 8, &value.low)))
		return false;
	return set(machine, instruction->reg, value);
}

static uint64_t combine(uint8_t opcode, uint64_t left, uint64_t right)
{
	switch (opcode) {
	case 0x54:
	case 0xdb:
		return left & right;
	case 0x55:
	case 0xdf:
		return ~left & right;
	case 0x56:
	case 0xeb:
		return left | right;
	default:
		return left ^ right;
	}
}

bool x86_vector_logic(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector left = get(machine, instruction->reg), right;
	bool is_integer = instruction->opcode >= 0x60;

	if (instruction->prefix != 0x66 && (instruction->prefix || is_integer))
		return not_known(machine);
	if (!operand(machine, instruction, &right))
		return false;
	left.low = combine(instruction->opcode, left.low, right.low);
	left.high = combine(instruction->opcode, left.high, right.high);
	return set(machine, instruction->reg, left);
}

static uint64_t sum_halves(uint64_t left, uint64_t right, bool minus)
{
	uint64_t low = minus ? left - right : left + right;
	uint64_t high = minus ? (left >> 32) - (right >> 32) : (left >> 32) + (right >> 32);

	return (low & UINT32_MAX) | high << 32;
}

bool x86_vector_sum(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector left = get(machine, instruction->reg), right;
	bool minus = instruction->opcode == 0xfa || instruction->opcode == 0xfb;
	bool is_wide = instruction->opcode == 0xd4 || instruction->opcode == 0xfb;

	if (instruction->prefix != 0x66)
		return not_known(machine);
	if (!operand(machine, instruction, &right))
		return false;
	if (is_wide) {
		left.low = minus ? left.low - right.low : left.low + right.low;
		left.high = minus ? left.high - right.high : left.high + right.high;
	} else {
		left.low = sum_halves(left.low, right.low, minus);
		left.high = sum_halves(left.high, right.high, minus);
	}
	return set(machine, instruction->reg, left);
}

bool x86_vector_unpack(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector left = get(machine, instruction->reg), right;
	uint64_t low_half = UINT32_MAX;

	if (instruction->prefix != 0x66)
		return not_known(machine);
	if (!operand(machine, instruction, &right))
		return false;
	switch (instruction->opcode) {
	case 0x14: /* unpcklpd */
	case 0x6c:
		left.high = right.low;
		break;
	case 0x6d:
		left = (struct vector){left.high, right.high};
		break;
	default: /* 62: doublewords */
		left.high = left.low >> 32 | (right.low & ~low_half);
		left.low = (left.low & low_half) | right.low << 32;
	}
	return set(machine, instruction->reg, left);
}

static uint32_t element(const struct vector *vector, unsigned number)
{
	return (uint32_t)((number & 2 ? vector->high : vector->low) >> (number & 1 ? 32 : 0));
}

bool x86_vector_shuffle(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct vector left = get(machine, instruction->reg), right;
	unsigned order = (unsigned)instruction->immediate & 0xff;
	bool is_pshufd = instruction->opcode == 0x70;

	if (instruction->prefix != 0x66 && (instruction->prefix || is_pshufd))
		return not_known(machine);
	if (!operand(machine, instruction, &right))
		return false;
	if (!is_pshufd && instruction->prefix == 0x66) /* shufpd */
		return set(machine, instruction->reg,
			   (struct vector){order & 1 ? left.high : left.low,
					   order & 2 ? right.high : right.low});
	if (is_pshufd)
		left = right;
	return set(machine, instruction->reg,
		   (struct vector){element(&left, order & 3) |
					   (uint64_t)element(&left, order >> 2 & 3) << 32,
				   element(&right, order >> 4 & 3) |
					   (uint64_t)element(&right, order >> 6) << 32});
}
