/*
 * Memory, registers and operands.
 */
#include "runtime/cpython/x86_machine.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

#define HINT_SHIFT 16 /* addresses that share a hint are as near as this many bits */

bool x86_machine_init(struct x86_machine *machine, const struct image *image)
{
	machine->image = image;
	machine->stack = calloc(1, X86_STACK_SIZE);
	machine->stack_origins = calloc(X86_STACK_SIZE / 8, sizeof(*machine->stack_origins));
	machine->lowest = X86_STACK + X86_STACK_SIZE;
	return machine->stack && machine->stack_origins;
}

void x86_machine_release(struct x86_machine *machine)
{
	free(machine->stack);
	free(machine->stack_origins);
}

void x86_machine_reset(struct x86_machine *machine)
{
	uint64_t unused = (machine->lowest - X86_STACK) & ~7ull;

	memset(machine->stack + unused, 0, X86_STACK_SIZE - unused);
	memset(machine->stack_origins + unused / 8, 0,
	       (X86_STACK_SIZE - unused) / 8 * sizeof(*machine->stack_origins));
	machine->lowest = X86_STACK + X86_STACK_SIZE;
	memset(machine->registers, 0, sizeof(machine->registers));
	memset(machine->origins, 0, sizeof(machine->origins));
	memset(machine->vectors, 0, sizeof(machine->vectors));
	machine->registers[X86_RSP] = X86_STACK + X86_STACK_SIZE;
	machine->flags = machine->known = 0;
	machine->reason = NULL;
}

bool x86_give_up(struct x86_machine *machine, const char *reason)
{
	machine->reason = reason;
	return false;
}

static bool is_on_stack(addr_t address, unsigned size)
{
	uint64_t offset = address - X86_STACK;

	return offset < X86_STACK_SIZE && size <= X86_STACK_SIZE - offset;
}

bool x86_load(struct x86_machine *machine, addr_t address, unsigned size, uint64_t *ret)
{
	size_t *hint =
		&machine->hints[address >> HINT_SHIFT & (ARRAY_COUNT(machine->hints) - 1)];
	const uint8_t *bytes = is_on_stack(address, size)
				       ? machine->stack + (address - X86_STACK)
				       : image_view(machine->image, address, size, hint);

	*ret = 0;
	if (bytes)
		memcpy(ret, bytes, size);
	else if (!image_read(machine->image, address, ret, size))
		return x86_give_up(machine, "it reads what is not in the dump");
	return true;
}

bool x86_store(struct x86_machine *machine, addr_t address, unsigned size, uint64_t value,
	       const struct origin *origin)
{
	uint64_t offset = address - X86_STACK;
	struct origin *origins;

	if (!is_on_stack(address, size))
		return x86_give_up(machine, "it writes to memory");
	origins = machine->stack_origins + offset / 8;
	if (address < machine->lowest)
		machine->lowest = address;
	memcpy(machine->stack + offset, &value, size);
	*origins = (struct origin){0};
	if (offset % 8 + size > 8)
		origins[1] = (struct origin){0};
	if (origin && size == 8 && offset % 8 == 0)
		*origins = *origin;
	return true;
}

bool x86_push(struct x86_machine *machine, uint64_t value, const struct origin *origin)
{
	machine->registers[X86_RSP] -= 8;
	if (!is_on_stack(machine->registers[X86_RSP], 8))
		return x86_give_up(machine, "it leaves its stack");
	return x86_store(machine, machine->registers[X86_RSP], 8, value, origin);
}

bool x86_pop(struct x86_machine *machine, uint64_t *ret)
{
	addr_t top = machine->registers[X86_RSP];

	if (!is_on_stack(top, 8))
		return x86_give_up(machine, "it leaves its stack");
	machine->registers[X86_RSP] = top + 8;
	return x86_load(machine, top, 8, ret);
}

bool x86_address(struct x86_machine *machine, const struct x86_instruction *instruction,
		 addr_t *ret)
{
	addr_t address = (addr_t)(int64_t)instruction->displacement;

	if (instruction->is_relative)
		address += machine->next;
	if (instruction->base != X86_NONE)
		address += machine->registers[instruction->base];
	if (instruction->index != X86_NONE)
		address += machine->registers[instruction->index] << instruction->shift;
	if (instruction->uses_fs && !machine->fs_base)
		return x86_give_up(machine, "it asks for thread-local data");
	*ret = instruction->uses_fs ? address + machine->fs_base : address;
	return true;
}

/* Without a REX prefix the byte registers 4 … 7 are the second bytes of 0 … 3. */
static bool is_second_byte(const struct x86_instruction *instruction, uint8_t number,
			   unsigned size)
{
	return size == 1 && !instruction->rex && number >= 4;
}

uint64_t x86_register(const struct x86_machine *machine,
		      const struct x86_instruction *instruction, uint8_t number, unsigned size)
{
	if (is_second_byte(instruction, number, size))
		return machine->registers[number - 4] >> 8 & 0xff;
	return machine->registers[number] & x86_mask(size);
}

void x86_set_register(struct x86_machine *machine, const struct x86_instruction *instruction,
		      uint8_t number, unsigned size, uint64_t value)
{
	unsigned shift = is_second_byte(instruction, number, size) ? 8 : 0;
	uint64_t mask = (size == 4 ? UINT64_MAX : x86_mask(size)) << shift;
	uint64_t *to;

	if (shift)
		number = (uint8_t)(number - 4);
	to = &machine->registers[number];
	*to = (*to & ~mask) | ((value & x86_mask(size)) << shift);
	machine->origins[number] = (struct origin){0};
}

bool x86_operand(struct x86_machine *machine, const struct x86_instruction *instruction,
		 unsigned size, uint64_t *ret)
{
	addr_t address;

	if (instruction->has_memory)
		return x86_address(machine, instruction, &address) &&
		       x86_load(machine, address, size, ret);
	*ret = x86_register(machine, instruction, instruction->rm, size);
	return true;
}

bool x86_set_operand(struct x86_machine *machine, const struct x86_instruction *instruction,
		     uint64_t value)
{
	addr_t address;

	if (instruction->has_memory)
		return x86_address(machine, instruction, &address) &&
		       x86_store(machine, address, instruction->size, value, NULL);
	x86_set_register(machine, instruction, instruction->rm, instruction->size, value);
	return true;
}

void x86_set_flags(struct x86_machine *machine, uint64_t result, unsigned size, uint8_t others,
		   uint8_t known)
{
	uint8_t flags = others;

	result &= x86_mask(size);
	if (!result)
		flags |= X86_ZERO;
	if (result >> (8 * size - 1))
		flags |= X86_SIGN;
	if (!__builtin_parityll(result & 0xff))
		flags |= X86_PARITY;
	machine->flags = flags;
	machine->known = (uint8_t)(known | X86_ZERO | X86_SIGN | X86_PARITY);
}
