/*
 * A processor without an operating system: registers, flags, a stack of its own, and the
 * memory of an image that it can read and never write.  It runs one instruction at a time, and
 * gives up where it does not know exactly what a real one would have done: "unknown" is an
 * answer, a wrong one is none.
 *
 * Of every word it knows where it was loaded from, as long as that can be told (struct origin).
 *
 * Refuses to know: who calls whom, and why.
 */
#ifndef RUNTIME_CPYTHON_X86_MACHINE_H
#define RUNTIME_CPYTHON_X86_MACHINE_H

#include "core/image.h"
#include "runtime/cpython/x86_decode.h"

/* No process has addresses between the lower half and the upper one: ours are there. */
#define X86_OWN_ADDRESSES ((addr_t)0x0000900000000000)
#define X86_STACK         (X86_OWN_ADDRESSES + 0x100000)
#define X86_STACK_SIZE    ((uint64_t)64 << 10)

enum { X86_CARRY = 1, X86_PARITY = 2, X86_ZERO = 4, X86_SIGN = 8, X86_OVERFLOW = 16 };
#define X86_FLAGS 31

/* How the word at `from` was got at. */
enum origin_path {
	ORIGIN_UNKNOWN,
	ORIGIN_DIRECT, /* at an address that no word of memory gave */
	ORIGIN_STRUCT, /* `offset` bytes behind the pointer that was loaded from `root` */
	ORIGIN_DEEP, /* an array's element, or more than one pointer behind the one at `root` */
};

struct origin {
	addr_t from; /* address of the word that the value was loaded from */
	addr_t root; /* address of the first pointer on the way there; 0: none */
	int32_t offset;
	uint8_t path;    /* enum origin_path */
	bool is_derived; /* computed from the word, not the word itself */
};

struct x86_machine {
	const struct image *image;
	uint64_t registers[16]; /* by the processor's numbers */
	struct origin origins[16];
	uint64_t vectors[16][2];
	addr_t next;                  /* of the next instruction */
	uint8_t flags;                /* X86_… */
	uint8_t known;                /* which of them are defined */
	addr_t fs_base;               /* 0: unknown */
	uint8_t *stack;               /* [X86_STACK_SIZE] */
	struct origin *stack_origins; /* [X86_STACK_SIZE / 8] */
	addr_t lowest;                /* of the bytes of the stack that are in use */
	size_t hints[16];             /* of image_view */
	const char *reason;           /* why it gave up: static */
	/* Where a jump through the word at `slot` really leads; false: cannot be told. */
	bool (*resolve)(void *context, addr_t slot, addr_t *target);
	void *context;
};

/* The stack; false when out of memory.  The other members are the caller's. */
bool x86_machine_init(struct x86_machine *machine, const struct image *image);
void x86_machine_release(struct x86_machine *machine);

/* All registers 0 and without origin, flags unknown, the stack empty and full of zeros. */
void x86_machine_reset(struct x86_machine *machine);

/* Does what the instruction says; `next` is behind it already.  False: gave up. */
bool x86_execute(struct x86_machine *machine, const struct x86_instruction *instruction);

bool x86_push(struct x86_machine *machine, uint64_t value, const struct origin *origin);
bool x86_pop(struct x86_machine *machine, uint64_t *ret);

/* For the files of the machine: */

/* Notes why; always false. */
bool x86_give_up(struct x86_machine *machine, const char *reason);

/* `size` bytes (1, 2, 4, 8) of memory, zero-extended. */
bool x86_load(struct x86_machine *machine, addr_t address, unsigned size, uint64_t *ret);
bool x86_store(struct x86_machine *machine, addr_t address, unsigned size, uint64_t value,
	       const struct origin *origin);

/* False: a segment or register that is not known. */
bool x86_address(struct x86_machine *machine, const struct x86_instruction *instruction,
		 addr_t *ret);

/* A register of 1, 2, 4 or 8 bytes; writing 4 clears the upper half, and any origin. */
uint64_t x86_register(const struct x86_machine *machine,
		      const struct x86_instruction *instruction, uint8_t number, unsigned size);
void x86_set_register(struct x86_machine *machine, const struct x86_instruction *instruction,
		      uint8_t number, unsigned size, uint64_t value);

/* The operand that may be memory. */
bool x86_operand(struct x86_machine *machine, const struct x86_instruction *instruction,
		 unsigned size, uint64_t *ret);
bool x86_set_operand(struct x86_machine *machine, const struct x86_instruction *instruction,
		     uint64_t value);

/* Zero, sign and parity of a result; the rest of the flags are `others`, known as `known`. */
void x86_set_flags(struct x86_machine *machine, uint64_t result, unsigned size, uint8_t others,
		   uint8_t known);

static inline uint64_t x86_mask(unsigned size)
{
	return size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
}

static inline uint64_t x86_extend(uint64_t value, unsigned size)
{
	unsigned unused = 64 - 8 * size;

	return (uint64_t)((int64_t)(value << unused) >> unused);
}

#endif
