/*
 * The stack, jumps and calls.
 */
#include "runtime/cpython/x86_handlers.h"

/* Which flags a condition looks at, by the upper three bits of its four. */
static const uint8_t looks_at[8] = {
	X86_OVERFLOW,
	X86_CARRY,
	X86_ZERO,
	X86_CARRY | X86_ZERO,
	X86_SIGN,
	X86_PARITY,
	X86_SIGN | X86_OVERFLOW,
	X86_ZERO | X86_SIGN | X86_OVERFLOW,
};

bool x86_condition(struct x86_machine *machine, uint8_t opcode, bool *ret)
{
	unsigned kind = opcode >> 1 & 7;
	uint8_t flags = machine->flags;
	bool holds = flags & looks_at[kind];

	if (looks_at[kind] & ~machine->known)
		return x86_give_up(machine, "it depends on an undefined flag");
	if (kind >= 6) { /* less, or less or equal */
		holds = !(flags & X86_SIGN) != !(flags & X86_OVERFLOW);
		if (kind == 7 && flags & X86_ZERO)
			holds = true;
	}
	*ret = holds != (opcode & 1);
	return true;
}

bool x86_push_register(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct origin origin = machine->origins[instruction->rm];

	return x86_push(machine, machine->registers[instruction->rm], &origin);
}

bool x86_pop_register(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	addr_t top = machine->registers[X86_RSP];
	uint64_t value;

	if (!x86_pop(machine, &value))
		return false;
	x86_set_register(machine, instruction, instruction->rm, 8, value);
	if (top % 8 == 0)
		machine->origins[instruction->rm] =
			machine->stack_origins[(top - X86_STACK) / 8];
	return true;
}

bool x86_push_immediate(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	return x86_push(machine, instruction->immediate, NULL);
}

bool x86_pop_operand(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	uint64_t value;

	if (instruction->reg & 7)
		return x86_give_up(machine, "it has an instruction that is not known");
	return x86_pop(machine, &value) && x86_set_operand(machine, instruction, value);
}

bool x86_jump(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	machine->next += instruction->immediate;
	return true;
}

bool x86_jump_if(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	bool holds = false;

	if (!x86_condition(machine, instruction->opcode, &holds))
		return false;
	if (holds)
		machine->next += instruction->immediate;
	return true;
}

static bool call(struct x86_machine *machine, addr_t target)
{
	if (!x86_push(machine, machine->next, NULL))
		return false;
	machine->next = target;
	return true;
}

bool x86_call(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	return call(machine, machine->next + instruction->immediate);
}

bool x86_return(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	if (!x86_pop(machine, &machine->next))
		return false;
	if (instruction->opcode == 0xc2)
		machine->registers[X86_RSP] += instruction->immediate & 0xffff;
	return true;
}

bool x86_leave(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	(void)instruction;
	machine->registers[X86_RSP] = machine->registers[X86_RBP];
	return x86_pop(machine, &machine->registers[X86_RBP]);
}

/* Through a register, or a word of memory: a table, a type's slot, the linker's table. */
static bool branch_target(struct x86_machine *machine,
			  const struct x86_instruction *instruction, addr_t *ret)
{
	addr_t slot;

	if (!x86_operand(machine, instruction, 8, ret))
		return false;
	if (!instruction->has_memory || !machine->resolve)
		return true;
	return x86_address(machine, instruction, &slot) &&
	       (machine->resolve(machine->context, slot, ret) ||
		x86_give_up(machine, "it calls a function that was not called before"));
}

static bool push_operand(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	struct x86_instruction wide = *instruction;
	uint64_t value;
	struct origin origin;

	wide.size = 8;
	if (!x86_operand(machine, &wide, 8, &value))
		return false;
	origin = x86_operand_origin(machine, &wide);
	return x86_push(machine, value, &origin);
}

enum { INC, DEC, CALL, CALL_FAR, JUMP, JUMP_FAR, PUSH };

bool x86_group_5(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	unsigned kind = instruction->reg & 7;
	addr_t target;

	if (kind <= DEC)
		return x86_step(machine, instruction);
	if (instruction->opcode == 0xff && kind == PUSH)
		return push_operand(machine, instruction);
	if (instruction->opcode == 0xfe || (kind != CALL && kind != JUMP))
		return x86_give_up(machine, "it has an instruction that is not known");
	if (!branch_target(machine, instruction, &target))
		return false;
	if (kind == CALL)
		return call(machine, target);
	machine->next = target;
	return true;
}
