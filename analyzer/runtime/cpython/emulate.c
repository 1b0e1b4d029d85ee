/*
 * Runs one function.  Addresses that no process has stand for what it gets from its caller (the
 * visit function, its argument, where it returns to) and for functions of the C library.
 */
#include "runtime/cpython/emulate.h"

#include "base/vector.h"
#include "runtime/cpython/libc_functions.h"

#include <stdlib.h>

#define ADDRESS_VISIT    (X86_OWN_ADDRESSES + 0x1000)
#define ADDRESS_ARGUMENT (X86_OWN_ADDRESSES + 0x2000)
#define ADDRESS_RETURN   (X86_OWN_ADDRESSES + 0x3000)
#define ADDRESS_LIBC     (X86_OWN_ADDRESSES + 0x4000) /* and its number: libc_functions.h */
#define LIBC_SIZE        0x1000
#define MOST_STEPS       1000000u /* instructions, before a visit gives more */
#define STEPS_PER_VISIT  200u
#define MOST_VISITS      ((size_t)1 << 22)
#define CACHED_CODE      2048 /* instructions; a power of two */
#define CACHED_SLOTS     256  /* a power of two */

struct decoded {
	addr_t address;
	struct x86_instruction instruction; /* length 0: none */
};

struct bound {
	addr_t slot, function; /* slot 0: none */
};

struct emulator {
	struct target *target;
	struct x86_machine machine;
	struct address_range code; /* the executable mapping seen last */
	struct decoded *decoded;   /* [CACHED_CODE] */
	struct bound bound[CACHED_SLOTS];
	VECTOR_OF(struct emulated_visit) visits;
};

static bool bind(struct emulator *emulator, addr_t slot, addr_t *function)
{
	const char *symbol = target_slot_symbol(emulator->target, slot);
	uint32_t number = symbol ? libc_function_named(symbol) : LIBC_NONE;

	if (number == LIBC_NONE)
		return target_resolve_call(emulator->target, slot, function);
	*function = ADDRESS_LIBC + number;
	return true;
}

/* What a slot holds does not change: the process is dead. */
static bool resolve(void *context, addr_t slot, addr_t *function)
{
	struct emulator *emulator = context;
	struct bound *known = &emulator->bound[slot >> 3 & (CACHED_SLOTS - 1)];

	if (slot >= X86_OWN_ADDRESSES)
		return true;
	if (known->slot != slot) {
		addr_t found = *function;

		if (!bind(emulator, slot, &found))
			return false;
		*known = (struct bound){slot, found};
	}
	*function = known->function;
	return true;
}

struct emulator *emulator_create(struct target *target)
{
	struct emulator *emulator = calloc(1, sizeof(*emulator));
	const struct image *image = target_image(target);

	if (!emulator)
		return NULL;
	emulator->target = target;
	emulator->decoded = calloc(CACHED_CODE, sizeof(*emulator->decoded));
	if (!x86_machine_init(&emulator->machine, image) || !emulator->decoded) {
		emulator_free(emulator);
		return NULL;
	}
	emulator->machine.resolve = resolve;
	emulator->machine.context = emulator;
	if (image_thread_count(image))
		emulator->machine.fs_base = image_thread(image, 0)->registers[REGISTER_FS_BASE];
	return emulator;
}

void emulator_free(struct emulator *emulator)
{
	if (!emulator)
		return;
	x86_machine_release(&emulator->machine);
	vector_release(&emulator->visits);
	free(emulator->decoded);
	free(emulator);
}

static bool is_executable(struct emulator *emulator, addr_t address)
{
	const struct image_mapping *mapping;

	if (range_has(emulator->code, address))
		return true;
	mapping = image_mapping_at(emulator->machine.image, address);
	if (!mapping || !mapping->executable)
		return false;
	emulator->code = mapping->range;
	return true;
}

/* Near the end of what is mapped there are fewer bytes than the longest instruction has. */
static bool decode_at(struct emulator *emulator, addr_t address, struct x86_instruction *ret)
{
	uint8_t bytes[X86_LONGEST];
	size_t size = sizeof(bytes);

	if (!is_executable(emulator, address))
		return x86_give_up(&emulator->machine, "it goes to where no code is");
	while (size && !image_read(emulator->machine.image, address, bytes, size))
		size--;
	if (!size)
		return x86_give_up(&emulator->machine, "its code is not in the dump");
	return x86_decode(bytes, size, ret) ||
	       x86_give_up(&emulator->machine, "it has an instruction that is not known");
}

static bool step(struct emulator *emulator)
{
	struct x86_machine *machine = &emulator->machine;
	struct decoded *decoded = &emulator->decoded[machine->next & (CACHED_CODE - 1)];

	if (decoded->address != machine->next || !decoded->instruction.length) {
		decoded->address = machine->next;
		if (!decode_at(emulator, machine->next, &decoded->instruction)) {
			decoded->instruction.length = 0;
			return false;
		}
	}
	machine->next += decoded->instruction.length;
	return x86_execute(machine, &decoded->instruction);
}

/* Back to the caller: what a call may change tells nothing any more. */
static bool leave(struct x86_machine *machine)
{
	static const uint8_t changed[] = {X86_RAX, X86_RCX, X86_RDX, X86_RSI, X86_RDI,
					  8,       9,       10,      11};

	for (size_t i = 0; i < ARRAY_COUNT(changed); i++)
		machine->origins[changed[i]] = (struct origin){0};
	machine->known = 0;
	return x86_pop(machine, &machine->next);
}

/* visit(referent, arg): 0 */
static bool visit(struct emulator *emulator)
{
	struct x86_machine *machine = &emulator->machine;
	struct emulated_visit visit = {machine->registers[X86_RDI], machine->origins[X86_RDI]};

	if (machine->registers[X86_RSI] != ADDRESS_ARGUMENT || !visit.target)
		return x86_give_up(machine, "it visits what is no object");
	if (emulator->visits.count >= MOST_VISITS || !vector_push(&emulator->visits, visit))
		return x86_give_up(machine, "it visits too much");
	machine->registers[X86_RAX] = 0;
	return leave(machine);
}

/* One instruction, or all of a function that is not the process's. */
static bool advance(struct emulator *emulator)
{
	struct x86_machine *machine = &emulator->machine;
	uint64_t number = machine->next - ADDRESS_LIBC;

	if (machine->next == ADDRESS_VISIT)
		return visit(emulator);
	if (number < LIBC_SIZE)
		return libc_function_run(machine, (uint32_t)number) && leave(machine);
	return step(emulator);
}

static bool start(struct emulator *emulator, addr_t function, addr_t object)
{
	struct x86_machine *machine = &emulator->machine;

	emulator->visits.count = 0;
	x86_machine_reset(machine);
	machine->registers[X86_RDI] = object;
	machine->registers[X86_RSI] = ADDRESS_VISIT;
	machine->registers[X86_RDX] = ADDRESS_ARGUMENT;
	machine->next = function;
	return x86_push(machine, ADDRESS_RETURN, NULL);
}

/* Until the function returns, and leaves the stack as it was. */
static bool call(struct emulator *emulator, addr_t function, addr_t object)
{
	struct x86_machine *machine = &emulator->machine;
	uint64_t steps = 0;

	if (!start(emulator, function, object))
		return false;
	while (machine->next != ADDRESS_RETURN) {
		if (steps++ > MOST_STEPS + STEPS_PER_VISIT * emulator->visits.count)
			return x86_give_up(machine, "it does not come to an end");
		if (!advance(emulator))
			return false;
	}
	return machine->registers[X86_RSP] == X86_STACK + X86_STACK_SIZE ||
	       x86_give_up(machine, "it leaves its stack");
}

/* Anything but 0 is an error, or stopped it before its end. */
bool emulator_run(struct emulator *emulator, addr_t function, addr_t object)
{
	return call(emulator, function, object) &&
	       (!(uint32_t)emulator->machine.registers[X86_RAX] ||
		x86_give_up(&emulator->machine, "it does not return 0"));
}

bool emulator_ask(struct emulator *emulator, addr_t function, addr_t object, int32_t *ret)
{
	if (!call(emulator, function, object))
		return false;
	*ret = (int32_t)emulator->machine.registers[X86_RAX];
	return !emulator->visits.count ||
	       x86_give_up(&emulator->machine, "it visits what is no object");
}

const struct emulated_visit *emulator_visits(const struct emulator *emulator, size_t *ret_count)
{
	*ret_count = emulator->visits.count;
	return emulator->visits.items;
}

const char *emulator_reason(const struct emulator *emulator)
{
	return emulator->machine.reason;
}

addr_t emulator_stopped_at(const struct emulator *emulator)
{
	return emulator->machine.next;
}
