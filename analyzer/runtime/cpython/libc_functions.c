#include "runtime/cpython/libc_functions.h"

#include "base/cleanup.h"

#include <string.h>

#define LONGEST ((uint64_t)64 << 10) /* bytes looked at */

/* Of two blocks or strings: -1, 0, 1, as the first bytes that differ. */
static bool compare(struct x86_machine *machine, uint64_t most, bool are_strings)
{
	addr_t left = machine->registers[X86_RDI], right = machine->registers[X86_RSI];
	uint64_t a = 0, b = 0;

	for (uint64_t i = 0; i < most; i++) {
		if (i == LONGEST)
			return x86_give_up(machine, "it compares too much");
		if (!x86_load(machine, left + i, 1, &a) || !x86_load(machine, right + i, 1, &b))
			return false;
		if (a != b || (are_strings && !a))
			break;
	}
	machine->registers[X86_RAX] = (uint64_t)((a > b) - (a < b)) & UINT32_MAX;
	return true;
}

static bool run_strcmp(struct x86_machine *machine)
{
	return compare(machine, UINT64_MAX, true);
}

static bool run_strncmp(struct x86_machine *machine)
{
	return compare(machine, machine->registers[X86_RDX], true);
}

static bool run_memcmp(struct x86_machine *machine)
{
	return compare(machine, machine->registers[X86_RDX], false);
}

static bool run_strlen(struct x86_machine *machine)
{
	uint64_t length = 0, byte;

	for (;; length++) {
		if (length == LONGEST)
			return x86_give_up(machine, "it compares too much");
		if (!x86_load(machine, machine->registers[X86_RDI] + length, 1, &byte))
			return false;
		if (!byte)
			break;
	}
	machine->registers[X86_RAX] = length;
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct x86_machine *machine);
} functions[] = {
	{"strcmp", run_strcmp},
	{"strncmp", run_strncmp},
	{"memcmp", run_memcmp},
	{"strlen", run_strlen},
};

uint32_t libc_function_named(const char *symbol)
{
	for (uint32_t i = 0; i < ARRAY_COUNT(functions); i++)
		if (!strcmp(functions[i].name, symbol))
			return i;
	return LIBC_NONE;
}

bool libc_function_run(struct x86_machine *machine, uint32_t number)
{
	return number < ARRAY_COUNT(functions) && functions[number].run(machine);
}
