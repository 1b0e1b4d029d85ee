/*
 * Arithmetic on integers.  A flag that the processor leaves undefined is no longer known: what
 * depends on it gives up.
 */
#include "runtime/cpython/x86_handlers.h"

#define CARRY_OVERFLOW (X86_CARRY | X86_OVERFLOW)

/* In the order of the opcodes' bits 3 … 5. */
enum operation { ADD, OR, ADC, SBB, AND, SUB, XOR, CMP };

static bool top_bit(uint64_t value, unsigned size)
{
	return value >> (8 * size - 1) & 1;
}

static uint8_t pick(bool carry, bool overflow)
{
	return (uint8_t)((carry ? X86_CARRY : 0) | (overflow ? X86_OVERFLOW : 0));
}

static uint64_t add(struct x86_machine *machine, uint64_t left, uint64_t right, unsigned carry,
		    unsigned size)
{
	uint64_t result = (left + right + carry) & x86_mask(size);
	bool carries = carry ? result <= left : result < left;

	x86_set_flags(machine, result, size,
		      pick(carries, top_bit((left ^ result) & (right ^ result), size)),
		      CARRY_OVERFLOW);
	return result;
}

static uint64_t subtract(struct x86_machine *machine, uint64_t left, uint64_t right,
			 unsigned borrow, unsigned size)
{
	uint64_t result = (left - right - borrow) & x86_mask(size);
	bool borrows = borrow ? left <= right : left < right;

	x86_set_flags(machine, result, size,
		      pick(borrows, top_bit((left ^ right) & (left ^ result), size)),
		      CARRY_OVERFLOW);
	return result;
}

static uint64_t logic(struct x86_machine *machine, uint64_t result, unsigned size)
{
	x86_set_flags(machine, result, size, 0, CARRY_OVERFLOW);
	return result;
}

/* Both operands are within `size`.  False: the carry is not known. */
static bool compute(struct x86_machine *machine, enum operation operation, uint64_t left,
		    uint64_t right, unsigned size, uint64_t *ret)
{
	unsigned carry = machine->flags & X86_CARRY ? 1 : 0;

	if ((operation == ADC || operation == SBB) && !(machine->known & X86_CARRY))
		return x86_give_up(machine, "it depends on an undefined flag");
	switch (operation) {
	case ADD:
		*ret = add(machine, left, right, 0, size);
		break;
	case ADC:
		*ret = add(machine, left, right, carry, size);
		break;
	case SBB:
		*ret = subtract(machine, left, right, carry, size);
		break;
	case SUB:
	case CMP:
		*ret = subtract(machine, left, right, 0, size);
		break;
	case OR:
		*ret = logic(machine, left | right, size);
		break;
	case AND:
		*ret = logic(machine, left & right, size);
		break;
	case XOR:
		*ret = logic(machine, left ^ right, size);
		break;
	}
	return true;
}

/* What was computed from a word still tells where it came from; a mask only takes tags off. */
static void derive(struct x86_machine *machine, uint8_t number, const struct origin *origin,
		   enum operation operation, unsigned size)
{
	if (size != 8 || !origin->path ||
	    (operation != ADD && operation != SUB && operation != AND))
		return;
	machine->origins[number] = *origin;
	machine->origins[number].is_derived |= operation != AND;
}

static bool is_computed_zero(const struct x86_instruction *instruction)
{
	return !instruction->has_memory && instruction->reg == instruction->rm;
}

bool x86_arithmetic(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	enum operation operation = (enum operation)(instruction->opcode >> 3 & 7);
	unsigned form = instruction->opcode & 7, size = instruction->size;
	uint8_t number = form >= 4 ? X86_RAX : instruction->reg;
	uint64_t left = x86_register(machine, instruction, number, size);
	uint64_t right = instruction->immediate & x86_mask(size);
	struct origin origin = machine->origins[number];

	if (form < 4 && !x86_operand(machine, instruction, size, &right))
		return false;
	if (form < 4 && operation == ADD && !origin.path)
		origin = x86_operand_origin(machine, instruction);
	if (form < 2) {
		uint64_t swapped = left;

		left = right;
		right = swapped;
		if (!instruction->has_memory && machine->origins[instruction->rm].path)
			origin = machine->origins[instruction->rm];
		number = instruction->rm;
	}
	if (!compute(machine, operation, left, right, size, &left))
		return false;
	if (operation == CMP)
		return true;
	if (form < 2 && instruction->has_memory)
		return x86_set_operand(machine, instruction, left);
	x86_set_register(machine, instruction, number, size, left);
	if (form >= 4 || !is_computed_zero(instruction))
		derive(machine, number, &origin, operation, size);
	return true;
}

bool x86_arithmetic_immediate(struct x86_machine *machine,
			      const struct x86_instruction *instruction)
{
	enum operation operation = (enum operation)(instruction->reg & 7);
	struct origin origin = machine->origins[instruction->rm];
	unsigned size = instruction->size;
	uint64_t value;

	if (!x86_operand(machine, instruction, size, &value) ||
	    !compute(machine, operation, value, instruction->immediate & x86_mask(size), size,
		     &value))
		return false;
	if (operation == CMP)
		return true;
	if (!x86_set_operand(machine, instruction, value))
		return false;
	if (!instruction->has_memory)
		derive(machine, instruction->rm, &origin, operation, size);
	return true;
}

bool x86_test(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	bool has_immediate = instruction->opcode >= 0xa8;
	unsigned size = instruction->size;
	uint64_t left, right = instruction->immediate;

	if (has_immediate) {
		left = x86_register(machine, instruction, X86_RAX, size);
	} else {
		if (!x86_operand(machine, instruction, size, &left))
			return false;
		right = x86_register(machine, instruction, instruction->reg, size);
	}
	logic(machine, left & right & x86_mask(size), size);
	return true;
}

bool x86_step(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	uint8_t carry = machine->flags & X86_CARRY, known = machine->known & X86_CARRY;
	struct origin origin = machine->origins[instruction->rm];
	bool down = instruction->reg & 1;
	uint64_t value;

	if (!x86_operand(machine, instruction, instruction->size, &value))
		return false;
	value = down ? subtract(machine, value, 1, 0, instruction->size)
		     : add(machine, value, 1, 0, instruction->size);
	machine->flags = (uint8_t)((machine->flags & ~X86_CARRY) | carry);
	machine->known = (uint8_t)((machine->known & ~X86_CARRY) | known);
	if (!x86_set_operand(machine, instruction, value))
		return false;
	if (!instruction->has_memory)
		derive(machine, instruction->rm, &origin, ADD, instruction->size);
	return true;
}

enum { ROL, ROR, RCL, RCR, SHL, SHR, SAL, SAR };

static unsigned shift_count(const struct x86_machine *machine,
			    const struct x86_instruction *instruction)
{
	uint64_t count = 1;

	if (instruction->opcode < 0xd0)
		count = instruction->immediate;
	else if (instruction->opcode >= 0xd2)
		count = machine->registers[X86_RCX];
	return (unsigned)(count & (instruction->size == 8 ? 63 : 31));
}

/* Left and right by 1 … 8 * size - 1; the last bit that went out becomes the carry. */
static void shift(struct x86_machine *machine, unsigned kind, uint64_t *value, unsigned count,
		  unsigned size)
{
	uint64_t before = *value, carry, result;
	bool overflow;

	if (kind == SHL || kind == SAL) {
		result = before << count & x86_mask(size);
		carry = before >> (8 * size - count);
		overflow = top_bit(result, size) != (carry & 1);
	} else {
		uint64_t wide = kind == SAR ? x86_extend(before, size) : before;

		result = (kind == SAR ? (uint64_t)((int64_t)wide >> count) : wide >> count) &
			 x86_mask(size);
		carry = wide >> (count - 1);
		overflow = kind == SHR && top_bit(before, size);
	}
	x86_set_flags(machine, result, size, pick(carry & 1, overflow),
		      count == 1 ? CARRY_OVERFLOW : X86_CARRY);
	*value = result;
}

static void rotate(struct x86_machine *machine, unsigned kind, uint64_t *value, unsigned count,
		   unsigned size)
{
	unsigned bits = 8 * size;

	count %= bits;
	if (kind == ROR)
		count = (bits - count) % bits;
	if (count)
		*value = (*value << count | *value >> (bits - count)) & x86_mask(size);
	machine->known &= (uint8_t)~CARRY_OVERFLOW;
}

bool x86_shift(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned kind = instruction->reg & 7, count = shift_count(machine, instruction);
	uint64_t value;

	if (kind == RCL || kind == RCR || (kind >= SHL && count >= 8u * instruction->size))
		return x86_give_up(machine, "it shifts in a way that is not known");
	if (!x86_operand(machine, instruction, instruction->size, &value))
		return false;
	/* Whether a shift by 0 clears the upper half is nowhere said. */
	if (!count)
		return instruction->has_memory || instruction->size != 4 ||
		       !(machine->registers[instruction->rm] >> 32) ||
		       x86_give_up(machine, "it shifts in a way that is not known");
	if (kind <= ROR)
		rotate(machine, kind, &value, count, instruction->size);
	else
		shift(machine, kind, &value, count, instruction->size);
	return x86_set_operand(machine, instruction, value);
}

bool x86_multiply(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size;
	uint64_t left, right = instruction->immediate;
	__int128 product;

	if (!x86_operand(machine, instruction, size, &left))
		return false;
	if (instruction->is_two_byte)
		right = x86_register(machine, instruction, instruction->reg, size);
	product = (__int128)(int64_t)x86_extend(left, size) *
		  (int64_t)x86_extend(right & x86_mask(size), size);
	x86_set_register(machine, instruction, instruction->reg, size, (uint64_t)product);
	left = x86_extend((uint64_t)product & x86_mask(size), size);
	machine->flags = product != (int64_t)left ? CARRY_OVERFLOW : 0;
	machine->known = CARRY_OVERFLOW;
	return true;
}

/* rdx:rax = rax * operand, of 4 or 8 bytes. */
static bool multiply_wide(struct x86_machine *machine,
			  const struct x86_instruction *instruction, uint64_t value,
			  bool is_signed)
{
	unsigned size = instruction->size;
	uint64_t left = x86_register(machine, instruction, X86_RAX, size), high;
	unsigned __int128 product;

	if (is_signed)
		product = (unsigned __int128)((__int128)(int64_t)x86_extend(left, size) *
					      (int64_t)x86_extend(value, size));
	else
		product = (unsigned __int128)left * value;
	high = (uint64_t)(product >> 8 * size) & x86_mask(size);
	x86_set_register(machine, instruction, X86_RAX, size, (uint64_t)product);
	x86_set_register(machine, instruction, X86_RDX, size, high);
	machine->flags = 0;
	machine->known = 0;
	return true;
}

/* rax and rdx = rdx:rax by operand; only where rdx is what a division of one word needs. */
static bool divide(struct x86_machine *machine, const struct x86_instruction *instruction,
		   uint64_t by, bool is_signed)
{
	unsigned size = instruction->size;
	uint64_t low = x86_register(machine, instruction, X86_RAX, size);
	uint64_t high = x86_register(machine, instruction, X86_RDX, size);
	int64_t left = (int64_t)x86_extend(low, size), right = (int64_t)x86_extend(by, size);
	uint64_t fill = is_signed && left < 0 ? x86_mask(size) : 0;

	if (!by || high != fill || (is_signed && right == -1))
		return x86_give_up(machine, "it divides in a way that is not known");
	x86_set_register(machine, instruction, X86_RAX, size,
			 is_signed ? (uint64_t)(left / right) : low / by);
	x86_set_register(machine, instruction, X86_RDX, size,
			 is_signed ? (uint64_t)(left % right) : low % by);
	machine->known = 0;
	return true;
}

bool x86_unary(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size, kind = instruction->reg & 7;
	uint64_t value;

	if (!x86_operand(machine, instruction, size, &value))
		return false;
	switch (kind) {
	case 0:
	case 1:
		logic(machine, value & instruction->immediate & x86_mask(size), size);
		return true;
	case 2:
		return x86_set_operand(machine, instruction, ~value & x86_mask(size));
	case 3:
		value = subtract(machine, 0, value, 0, size);
		return x86_set_operand(machine, instruction, value);
	default:
		if (size < 4)
			return x86_give_up(machine, "it multiplies bytes");
		return kind < 6 ? multiply_wide(machine, instruction, value, kind == 5)
				: divide(machine, instruction, value, kind == 7);
	}
}

enum { BT = 4, BTS, BTR, BTC };

/* With a register for the bit's number, memory operands reach beyond their word. */
bool x86_bit(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	bool has_immediate = instruction->opcode == 0xba;
	unsigned kind = has_immediate ? instruction->reg & 7 : instruction->opcode >> 3 & 7;
	unsigned size = instruction->size;
	uint64_t value, bit = instruction->immediate;

	if (kind < BT || (!has_immediate && instruction->has_memory))
		return x86_give_up(machine, "it looks for a bit in memory");
	if (!x86_operand(machine, instruction, size, &value))
		return false;
	if (!has_immediate)
		bit = x86_register(machine, instruction, instruction->reg, size);
	bit &= 8 * size - 1;
	machine->flags =
		(uint8_t)((machine->flags & ~X86_CARRY) | (value >> bit & 1 ? X86_CARRY : 0));
	machine->known = (uint8_t)((machine->known & X86_ZERO) | X86_CARRY);
	if (kind == BT)
		return true;
	if (kind == BTS)
		value |= 1ull << bit;
	else if (kind == BTR)
		value &= ~(1ull << bit);
	else
		value ^= 1ull << bit;
	return x86_set_operand(machine, instruction, value);
}

/* Old processors take tzcnt for bsf, and lzcnt for bsr: only the former agree on a result. */
bool x86_bit_scan(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	bool down = instruction->opcode == 0xbd;
	unsigned size = instruction->size;
	uint64_t value;

	if (!x86_operand(machine, instruction, size, &value))
		return false;
	if (!value || (down && instruction->prefix == 0xf3))
		return x86_give_up(machine, "it counts zeros in a way that is not known");
	x86_set_register(
		machine, instruction, instruction->reg, size,
		(uint64_t)(down ? 63 - __builtin_clzll(value) : __builtin_ctzll(value)));
	machine->known = 0;
	return true;
}

bool x86_count_bits(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	uint64_t value;

	if (instruction->prefix != 0xf3)
		return x86_give_up(machine, "it has an instruction that is not known");
	if (!x86_operand(machine, instruction, instruction->size, &value))
		return false;
	value = (uint64_t)__builtin_popcountll(value);
	x86_set_register(machine, instruction, instruction->reg, instruction->size, value);
	machine->flags = value ? 0 : X86_ZERO;
	machine->known = X86_FLAGS;
	return true;
}

bool x86_byte_swap(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size;
	uint64_t value = x86_register(machine, instruction, instruction->rm, size);

	if (size < 4)
		return x86_give_up(machine, "it has an instruction that is not known");
	x86_set_register(machine, instruction, instruction->rm, size,
			 __builtin_bswap64(value) >> (64 - 8 * size));
	return true;
}
