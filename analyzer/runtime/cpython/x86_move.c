/*
 * Moves between registers and memory, and what is known of where a word came from.
 */
#include "runtime/cpython/x86_handlers.h"

#define MOST_FILLED 4096 /* elements that one instruction fills */

static bool is_own(addr_t address)
{
	return address - X86_STACK < X86_STACK_SIZE;
}

/* Of a word that is loaded through a pointer of a known origin. */
static struct origin behind(const struct x86_machine *machine,
			    const struct x86_instruction *instruction, addr_t address)
{
	const struct origin *base = instruction->base == X86_NONE
					    ? &(struct origin){0}
					    : &machine->origins[instruction->base];
	bool is_indexed = instruction->index != X86_NONE;
	struct origin origin = {.from = address, .path = ORIGIN_DIRECT};

	if (!base->path && is_indexed)
		base = &machine->origins[instruction->index];
	if (!base->path)
		return origin;
	origin.root = base->root ? base->root : base->from;
	origin.path = ORIGIN_DEEP;
	if (base->path == ORIGIN_DIRECT && !base->is_derived && !is_indexed) {
		origin.path = ORIGIN_STRUCT;
		origin.offset = instruction->displacement;
	}
	return origin;
}

struct origin x86_operand_origin(struct x86_machine *machine,
				 const struct x86_instruction *instruction)
{
	addr_t address;

	if (instruction->size != 8)
		return (struct origin){0};
	if (!instruction->has_memory)
		return machine->origins[instruction->rm];
	if (!x86_address(machine, instruction, &address))
		return (struct origin){0};
	if (is_own(address))
		return address % 8 ? (struct origin){0}
				   : machine->stack_origins[(address - X86_STACK) / 8];
	return behind(machine, instruction, address);
}

bool x86_move_to_operand(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size;
	uint64_t value = x86_register(machine, instruction, instruction->reg, size);
	struct origin origin = machine->origins[instruction->reg];
	addr_t address;

	if (instruction->has_memory)
		return x86_address(machine, instruction, &address) &&
		       x86_store(machine, address, size, value, &origin);
	x86_set_register(machine, instruction, instruction->rm, size, value);
	if (size == 8)
		machine->origins[instruction->rm] = origin;
	return true;
}

bool x86_move_to_register(struct x86_machine *machine,
			  const struct x86_instruction *instruction)
{
	struct origin origin;
	uint64_t value;

	if (!x86_operand(machine, instruction, instruction->size, &value))
		return false;
	origin = x86_operand_origin(machine, instruction);
	x86_set_register(machine, instruction, instruction->reg, instruction->size, value);
	machine->origins[instruction->reg] = origin;
	return true;
}

bool x86_move_immediate(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	x86_set_register(machine, instruction, instruction->rm, instruction->size,
			 instruction->immediate);
	return true;
}

bool x86_store_immediate(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	if (instruction->reg & 7)
		return x86_give_up(machine, "it has an instruction that is not known");
	return x86_set_operand(machine, instruction, instruction->immediate);
}

bool x86_load_address(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct x86_instruction plain = *instruction;
	struct origin origin = {0};
	addr_t address;

	plain.uses_fs = false; /* only the offset counts */
	if (!instruction->has_memory)
		return x86_give_up(machine, "it has an instruction that is not known");
	x86_address(machine, &plain, &address);
	if (instruction->base != X86_NONE)
		origin = machine->origins[instruction->base];
	if (!origin.path && instruction->index != X86_NONE)
		origin = machine->origins[instruction->index];
	x86_set_register(machine, instruction, instruction->reg, instruction->size, address);
	if (origin.path && instruction->size == 8) {
		origin.is_derived = true;
		machine->origins[instruction->reg] = origin;
	}
	return true;
}

/* With memory it would be atomic; compilers do that to shared data only. */
bool x86_exchange(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size;
	uint8_t left = instruction->opcode >= 0x90 ? X86_RAX : instruction->reg;
	uint8_t right = instruction->rm;
	struct origin left_origin = machine->origins[left];
	struct origin right_origin = machine->origins[right];
	uint64_t value;

	if (instruction->opcode == 0x90 && right == X86_RAX) /* nop, pause */
		return true;
	if (instruction->has_memory)
		return x86_give_up(machine, "it writes to memory");
	value = x86_register(machine, instruction, left, size);
	x86_set_register(machine, instruction, left, size,
			 x86_register(machine, instruction, right, size));
	x86_set_register(machine, instruction, right, size, value);
	if (size == 8) {
		machine->origins[left] = right_origin;
		machine->origins[right] = left_origin;
	}
	return true;
}

/* Bytes of the narrow operand: movsxd has no second opcode byte, the byte forms an even one. */
static unsigned narrow_size(const struct x86_instruction *instruction)
{
	if (!instruction->is_two_byte)
		return instruction->size < 4 ? instruction->size : 4;
	return instruction->opcode & 1 ? 2 : 1;
}

bool x86_sign_extend(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = narrow_size(instruction);
	uint64_t value;

	if (!x86_operand(machine, instruction, size, &value))
		return false;
	x86_set_register(machine, instruction, instruction->reg, instruction->size,
			 x86_extend(value, size));
	return true;
}

bool x86_zero_extend(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	uint64_t value;

	if (!x86_operand(machine, instruction, narrow_size(instruction), &value))
		return false;
	x86_set_register(machine, instruction, instruction->reg, instruction->size, value);
	return true;
}

bool x86_widen(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size;

	x86_set_register(
		machine, instruction, X86_RAX, size,
		x86_extend(machine->registers[X86_RAX] & x86_mask(size / 2), size / 2));
	return true;
}

bool x86_widen_pair(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned size = instruction->size;
	bool is_negative = machine->registers[X86_RAX] >> (8 * size - 1) & 1;

	x86_set_register(machine, instruction, X86_RDX, size, is_negative ? UINT64_MAX : 0);
	return true;
}

bool x86_move_conditionally(struct x86_machine *machine,
			    const struct x86_instruction *instruction)
{
	uint64_t kept = x86_register(machine, instruction, instruction->reg, instruction->size);
	struct origin origin = machine->origins[instruction->reg];
	bool holds = false;

	if (!x86_condition(machine, instruction->opcode, &holds))
		return false;
	/* The operand is read, and the upper half cleared, in either case. */
	if (!x86_move_to_register(machine, instruction))
		return false;
	if (!holds) {
		x86_set_register(machine, instruction, instruction->reg, instruction->size,
				 kept);
		if (instruction->size == 8)
			machine->origins[instruction->reg] = origin;
	}
	return true;
}

bool x86_set_conditionally(struct x86_machine *machine,
			   const struct x86_instruction *instruction)
{
	bool holds = false;

	return x86_condition(machine, instruction->opcode, &holds) &&
	       x86_set_operand(machine, instruction, holds);
}

/* The direction flag is clear: no compiler sets it. */
bool x86_fill(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	uint64_t *count = &machine->registers[X86_RCX], *to = &machine->registers[X86_RDI];
	bool repeats = instruction->prefix == 0xf3;
	uint64_t value = machine->registers[X86_RAX];

	if (instruction->prefix == 0xf2 || (repeats && *count > MOST_FILLED))
		return x86_give_up(machine, "it has an instruction that is not known");
	for (uint64_t left = repeats ? *count : 1; left; left--) {
		if (!x86_store(machine, *to, instruction->size, value, NULL))
			return false;
		*to += instruction->size;
	}
	if (repeats)
		*count = 0;
	machine->origins[X86_RDI] = machine->origins[X86_RCX] = (struct origin){0};
	return true;
}

bool x86_nothing(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	(void)machine;
	(void)instruction;
	return true;
}
