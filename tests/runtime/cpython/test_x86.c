/*
 * The processor against the one that runs the test: the same instruction on the same registers,
 * random ones, must do the same to all registers and to the flags that the emulated one knows.
 */
#include "runtime/cpython/x86_machine.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ROUNDS 400 /* of each instruction */

struct state {
	uint64_t registers[16]; /* by the processor's numbers; rsp stays what it is */
	uint64_t flags;         /* as pushf has them */
	uint64_t vectors[16][2];
};

/* An opcode, and what may vary in it. */
struct sample {
	const char *name;
	uint8_t opcode[2];
	uint8_t opcode_size;
	uint8_t prefix;        /* before REX; 0: none */
	int8_t extension;      /* ModRM's reg: 0 … 7; -1: any register; -2: no ModRM */
	uint8_t immediate;     /* bytes */
	bool low_register;     /* the opcode's low bits are one */
	bool is_vector;        /* ModRM's registers are vectors */
	bool keeps_wide, byte; /* REX.W or 66 must not be added; byte registers */
	uint8_t sparse;        /* 1: rcx is small, 2: no operand is 0, 3: rdx is 0 */
};

#define ANY  (-1)
#define NONE (-2)

#define OPCODE(text, size, before, reg, bytes, first_byte, second_byte)         \
	.name = text, .opcode = {first_byte, second_byte}, .opcode_size = size, \
	.prefix = before, .extension = reg, .immediate = bytes

static const struct sample samples[] = {
#define ARITHMETIC(name, first)                                                            \
	{OPCODE(name " r8", 1, 0, ANY, 0, (first), 0), .byte = true},                      \
		{OPCODE(name " r", 1, 0, ANY, 0, (first) + 1, 0)},                         \
		{OPCODE(name " r8 reversed", 1, 0, ANY, 0, (first) + 2, 0), .byte = true}, \
		{OPCODE(name " r reversed", 1, 0, ANY, 0, (first) + 3, 0)},                \
		{OPCODE(name " al", 1, 0, NONE, 1, (first) + 4, 0), .byte = true},         \
		{OPCODE(name " i8", 1, 0, (first) >> 3, 1, 0x83, 0)},                      \
		{OPCODE(name " r8 i8", 1, 0, (first) >> 3, 1, 0x80, 0), .byte = true},     \
		{OPCODE(name " i32", 1, 0, (first) >> 3, 4, 0x81, 0), .keeps_wide = true},
	ARITHMETIC("add", 0x00) ARITHMETIC("or", 0x08) ARITHMETIC("adc", 0x10)
		ARITHMETIC("sbb", 0x18) ARITHMETIC("and", 0x20) ARITHMETIC("sub", 0x28)
			ARITHMETIC("xor", 0x30) ARITHMETIC("cmp", 0x38)
#undef ARITHMETIC
				{OPCODE("movsxd", 1, 0, ANY, 0, 0x63, 0)},
	{OPCODE("imul i8", 1, 0, ANY, 1, 0x6b, 0)},
	{OPCODE("imul i32", 1, 0, ANY, 4, 0x69, 0), .keeps_wide = true},
	{OPCODE("imul", 2, 0, ANY, 0, 0x0f, 0xaf)},
	{OPCODE("test r8", 1, 0, ANY, 0, 0x84, 0), .byte = true},
	{OPCODE("test", 1, 0, ANY, 0, 0x85, 0)},
	{OPCODE("test al", 1, 0, NONE, 1, 0xa8, 0), .byte = true},
	{OPCODE("test i", 1, 0, 0, 4, 0xf7, 0), .keeps_wide = true},
	{OPCODE("xchg r8", 1, 0, ANY, 0, 0x86, 0), .byte = true},
	{OPCODE("xchg", 1, 0, ANY, 0, 0x87, 0)},
	{OPCODE("xchg rax", 1, 0, NONE, 0, 0x90, 0), .low_register = true},
	{OPCODE("mov r8", 1, 0, ANY, 0, 0x88, 0), .byte = true},
	{OPCODE("mov", 1, 0, ANY, 0, 0x89, 0)},
	{OPCODE("mov reversed", 1, 0, ANY, 0, 0x8b, 0)},
	{OPCODE("mov i8", 1, 0, NONE, 1, 0xb0, 0), .low_register = true, .byte = true},
	{OPCODE("cdqe", 1, 0, NONE, 0, 0x98, 0)},
	{OPCODE("cqo", 1, 0, NONE, 0, 0x99, 0)},
	{OPCODE("rol", 1, 0, 0, 1, 0xc1, 0), .sparse = 1},
	{OPCODE("ror", 1, 0, 1, 1, 0xc1, 0), .sparse = 1},
	{OPCODE("shl", 1, 0, 4, 1, 0xc1, 0), .sparse = 1},
	{OPCODE("shr", 1, 0, 5, 1, 0xc1, 0), .sparse = 1},
	{OPCODE("sar", 1, 0, 7, 1, 0xc1, 0), .sparse = 1},
	{OPCODE("shl r8", 1, 0, 4, 1, 0xc0, 0), .byte = true, .sparse = 1},
	{OPCODE("sar r8", 1, 0, 7, 1, 0xc0, 0), .byte = true, .sparse = 1},
	{OPCODE("shl 1", 1, 0, 4, 0, 0xd1, 0)},
	{OPCODE("shr 1", 1, 0, 5, 0, 0xd1, 0)},
	{OPCODE("sar 1", 1, 0, 7, 0, 0xd1, 0)},
	{OPCODE("shl cl", 1, 0, 4, 0, 0xd3, 0), .sparse = 1},
	{OPCODE("shr cl", 1, 0, 5, 0, 0xd3, 0), .sparse = 1},
	{OPCODE("not", 1, 0, 2, 0, 0xf7, 0)},
	{OPCODE("neg", 1, 0, 3, 0, 0xf7, 0)},
	{OPCODE("neg r8", 1, 0, 3, 0, 0xf6, 0), .byte = true},
	{OPCODE("mul", 1, 0, 4, 0, 0xf7, 0)},
	{OPCODE("imul one", 1, 0, 5, 0, 0xf7, 0)},
	{OPCODE("div", 1, 0, 6, 0, 0xf7, 0), .sparse = 3},
	{OPCODE("inc", 1, 0, 0, 0, 0xff, 0)},
	{OPCODE("dec", 1, 0, 1, 0, 0xff, 0)},
	{OPCODE("inc r8", 1, 0, 0, 0, 0xfe, 0), .byte = true},
	{OPCODE("movzx 8", 2, 0, ANY, 0, 0x0f, 0xb6)},
	{OPCODE("movzx 16", 2, 0, ANY, 0, 0x0f, 0xb7)},
	{OPCODE("movsx 8", 2, 0, ANY, 0, 0x0f, 0xbe)},
	{OPCODE("movsx 16", 2, 0, ANY, 0, 0x0f, 0xbf)},
	{OPCODE("bt", 2, 0, ANY, 0, 0x0f, 0xa3)},
	{OPCODE("bts", 2, 0, ANY, 0, 0x0f, 0xab)},
	{OPCODE("btr", 2, 0, ANY, 0, 0x0f, 0xb3)},
	{OPCODE("btc", 2, 0, ANY, 0, 0x0f, 0xbb)},
	{OPCODE("bt i8", 2, 0, 4, 1, 0x0f, 0xba)},
	{OPCODE("btr i8", 2, 0, 6, 1, 0x0f, 0xba)},
	{OPCODE("bsf", 2, 0, ANY, 0, 0x0f, 0xbc), .sparse = 2},
	{OPCODE("bsr", 2, 0, ANY, 0, 0x0f, 0xbd), .sparse = 2},
	{OPCODE("tzcnt", 2, 0xf3, ANY, 0, 0x0f, 0xbc), .sparse = 2},
	{OPCODE("popcnt", 2, 0xf3, ANY, 0, 0x0f, 0xb8)},
	{OPCODE("bswap", 2, 0, NONE, 0, 0x0f, 0xc8), .low_register = true},
#define CONDITION(number)                                               \
	{OPCODE("cmov " #number, 2, 0, ANY, 0, 0x0f, 0x40 + (number))}, \
		{OPCODE("set " #number, 2, 0, 0, 0, 0x0f, 0x90 + (number)), .byte = true},
	CONDITION(0) CONDITION(1) CONDITION(2) CONDITION(3) CONDITION(4) CONDITION(5) CONDITION(
		6) CONDITION(7) CONDITION(8) CONDITION(9) CONDITION(10) CONDITION(11)
		CONDITION(12) CONDITION(13) CONDITION(14) CONDITION(15)
#undef CONDITION
#define VECTOR(name, prefix, opcode) \
	{OPCODE(name, 2, (prefix), ANY, 0, 0x0f, (opcode)), .is_vector = true},
			VECTOR("movups", 0, 0x10) VECTOR("movaps", 0, 0x28) VECTOR(
				"movhlps", 0, 0x12) VECTOR("movlhps", 0,
							   0x16) VECTOR("movdqa", 0x66, 0x6f)
				VECTOR("movdqu", 0xf3, 0x6f) VECTOR(
					"movdqa to",
					0x66, 0x7f) VECTOR("movq", 0xf3,
							   0x7e) VECTOR("movq to", 0x66, 0xd6)
					VECTOR("andps", 0, 0x54) VECTOR("andnps", 0, 0x55) VECTOR(
						"orps",
						0,
						0x56) VECTOR("xorps", 0,
							     0x57) VECTOR("pand", 0x66, 0xdb)
						VECTOR("pandn", 0x66, 0xdf) VECTOR(
							"por",
							0x66, 0xeb) VECTOR("pxor", 0x66, 0xef)
							VECTOR("paddq", 0x66, 0xd4) VECTOR(
								"paddd", 0x66,
								0xfe) VECTOR("psubq",
									     0x66, 0xfb)
								VECTOR("psubd", 0x66, 0xfa) VECTOR(
									"unpcklpd",
									0x66,
									0x14) VECTOR("punpckld"
										     "q",
										     0x66, 0x62)
									VECTOR("punpcklqdq",
									       0x66,
									       0x6c) VECTOR("pu"
											    "np"
											    "ck"
											    "hq"
											    "d"
											    "q",
											    0x66,
											    0x6d)
#undef VECTOR
										{OPCODE("pshuf"
											"d",
											2, 0x66,
											ANY, 1,
											0x0f,
											0x70),
										 .is_vector =
											 true},
	{OPCODE("shufps", 2, 0, ANY, 1, 0x0f, 0xc6), .is_vector = true},
	{OPCODE("shufpd", 2, 0x66, ANY, 1, 0x0f, 0xc6), .is_vector = true},
};

static uint64_t seed = 88172645463325252u;

static uint64_t random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Values at which flags change, and any others. */
static uint64_t random_value(void)
{
	static const uint64_t edges[] = {0,
					 1,
					 2,
					 0x7f,
					 0x80,
					 0xff,
					 0x7fff,
					 0x8000,
					 0x7fffffff,
					 0x80000000,
					 0xffffffff,
					 0x7fffffffffffffff,
					 0x8000000000000000,
					 0xffffffffffffffff};

	return random_word() % 3 ? random_word() : edges[random_word() % ARRAY_COUNT(edges)];
}

struct writer {
	uint8_t *at;
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
	memcpy(writer->at, bytes, size);
	writer->at += size;
}

#define PUT(writer, ...) \
	put(writer, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* mov register, [rax + 8 * register], or the other way round. */
static void put_move(struct writer *writer, unsigned number, bool store)
{
	PUT(writer, (uint8_t)(number >= 8 ? 0x4c : 0x48), store ? 0x89 : 0x8b,
	    (uint8_t)(0x40 | (number & 7) << 3), (uint8_t)(8 * number));
}

/* movups vector, [rax + 136 + 16 * number], or the other way round. */
static void put_vector(struct writer *writer, unsigned number, bool store)
{
	uint32_t offset = (uint32_t)offsetof(struct state, vectors) + 16 * number;

	if (number >= 8)
		PUT(writer, 0x44);
	PUT(writer, 0x0f, store ? 0x11 : 0x10, (uint8_t)(0x80 | (number & 7) << 3));
	put(writer, &offset, sizeof(offset));
}

static void put_state_address(struct writer *writer, const struct state *state)
{
	uint64_t address = (uint64_t)(uintptr_t)state;

	PUT(writer, 0x48, 0xb8);
	put(writer, &address, sizeof(address));
}

/* void function(void): loads the state, runs the instruction, stores the state. */
static void put_function(struct writer *writer, const uint8_t *instruction, size_t size,
			 const struct state *state)
{
	PUT(writer, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57);
	put_state_address(writer, state);
	for (unsigned i = 0; i < 16; i++)
		put_vector(writer, i, false);
	PUT(writer, 0xff, 0xb0, 0x80, 0, 0, 0, 0x9d); /* push [rax + 128]; popf */
	for (unsigned i = 16; i-- > 0;)
		if (i != X86_RSP)
			put_move(writer, i, false);
	put(writer, instruction, size);
	PUT(writer, 0x50, 0x9c); /* push rax; pushf */
	put_state_address(writer, state);
	for (unsigned i = 1; i < 16; i++)
		if (i != X86_RSP)
			put_move(writer, i, true);
	PUT(writer, 0x59, 0x48, 0x89, 0x88, 0x80, 0, 0, 0); /* pop rcx; mov [rax + 128], rcx */
	PUT(writer, 0x59, 0x48, 0x89, 0x08);                /* pop rcx; mov [rax], rcx */
	for (unsigned i = 0; i < 16; i++)
		put_vector(writer, i, true);
	PUT(writer, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3);
}

static uint8_t random_register(const struct sample *sample, uint8_t rex)
{
	for (;;) {
		uint8_t number = (uint8_t)(random_word() % (sample->is_vector || rex ? 16 : 8));
		bool is_second_byte = sample->byte && !rex && number >= 4;

		if (sample->is_vector || is_second_byte || number != X86_RSP)
			return number;
	}
}

static size_t make_instruction(const struct sample *sample, uint8_t ret[16])
{
	struct writer writer = {ret};
	uint8_t rex = random_word() % 2 ? 0x40 : 0, left, right;
	bool narrow = !sample->prefix && !sample->keeps_wide && !sample->is_vector &&
		      random_word() % 4 == 0 && sample->opcode[1] != 0xc8;

	if (sample->is_vector)
		rex = 0x40;
	if (rex && !sample->is_vector && random_word() % 2)
		rex |= 8;
	left = random_register(sample, rex);
	right = random_register(sample, rex);
	if (sample->prefix)
		PUT(&writer, sample->prefix);
	if (narrow)
		PUT(&writer, 0x66);
	if (rex)
		PUT(&writer,
		    (uint8_t)(rex | (sample->extension == ANY ? left >> 3 << 2 : 0) |
			      (sample->extension != NONE || sample->low_register ? right >> 3
										 : 0)));
	put(&writer, sample->opcode, sample->opcode_size);
	if (sample->low_register)
		writer.at[-1] |= right & 7;
	if (sample->extension != NONE)
		PUT(&writer,
		    (uint8_t)(0xc0 |
			      ((sample->extension == ANY ? left : (uint8_t)sample->extension) &
			       7) << 3 |
			      (right & 7)));
	for (unsigned i = 0; i < sample->immediate; i++)
		PUT(&writer,
		    (uint8_t)(sample->sparse == 1 ? random_word() % 20 : random_word()));
	return (size_t)(writer.at - ret);
}

static void randomize(const struct sample *sample, struct state *state)
{
	for (unsigned i = 0; i < 16; i++) {
		state->registers[i] =
			random_value() | (sample->sparse >= 2 ? 0x40810204080 : 0);
		if (sample->sparse >= 2) /* in every byte and every half */
			state->registers[i] |= 0x0101010101010101;
		state->vectors[i][0] = random_value();
		state->vectors[i][1] = random_value();
	}
	if (sample->sparse == 1)
		state->registers[X86_RCX] = random_word() % 20;
	if (sample->sparse == 3)
		state->registers[X86_RDX] = 0;
	state->flags = 2 | (random_word() & 0x8c5); /* OF SF ZF PF CF, and nothing else */
}

static uint8_t flags_of(uint64_t flags)
{
	return (uint8_t)((flags & 1 ? X86_CARRY : 0) | (flags & 4 ? X86_PARITY : 0) |
			 (flags & 0x40 ? X86_ZERO : 0) | (flags & 0x80 ? X86_SIGN : 0) |
			 (flags & 0x800 ? X86_OVERFLOW : 0));
}

static void load(struct x86_machine *machine, const struct state *state)
{
	x86_machine_reset(machine);
	memcpy(machine->registers, state->registers, sizeof(machine->registers));
	memcpy(machine->vectors, state->vectors, sizeof(machine->vectors));
	machine->flags = flags_of(state->flags);
	machine->known = X86_FLAGS;
}

static void compare(const struct sample *sample, const struct x86_machine *machine,
		    const struct state *state, const uint8_t bytes[16])
{
	for (unsigned i = 0; i < 16; i++) {
		cr_assert(i == X86_RSP || machine->registers[i] == state->registers[i],
			  "%s: register %u is 0x%lx, not 0x%lx; %02x %02x %02x %02x %02x",
			  sample->name, i, machine->registers[i], state->registers[i], bytes[0],
			  bytes[1], bytes[2], bytes[3], bytes[4]);
		cr_assert_arr_eq(machine->vectors[i], state->vectors[i], 16, "%s: vector %u",
				 sample->name, i);
	}
	cr_assert_eq((machine->flags ^ flags_of(state->flags)) & machine->known, 0,
		     "%s: flags %x, not %x; known %x", sample->name, machine->flags,
		     flags_of(state->flags), machine->known);
}

/* How many rounds the machine did not give up in. */
static unsigned check(const struct sample *sample, uint8_t *page, struct x86_machine *machine)
{
	unsigned done = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint8_t bytes[16] = {0};
		size_t size = make_instruction(sample, bytes);
		struct x86_instruction instruction;
		struct writer writer = {page};
		struct state state;

		randomize(sample, &state);
		cr_assert(x86_decode(bytes, size, &instruction), "%s", sample->name);
		cr_assert_eq(instruction.length, size, "%s: length", sample->name);
		cr_assert(!x86_decode(bytes, size - 1, &instruction) ||
				  instruction.length < size,
			  "%s: cut off", sample->name);
		x86_decode(bytes, size, &instruction);
		load(machine, &state);
		if (!x86_execute(machine, &instruction))
			continue;
		put_function(&writer, bytes, size, &state);
		((void (*)(void))page)();
		compare(sample, machine, &state, bytes);
		done++;
	}
	return done;
}

Test(x86, does_what_a_real_processor_does)
{
	struct x86_machine machine = {0}; /* no operand is in memory: it has no image */
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		cr_log_warn("skipped: no code can be written here");
	} else {
		cr_assert(x86_machine_init(&machine, NULL));
		for (size_t i = 0; i < ARRAY_COUNT(samples); i++)
			cr_expect_gt(check(&samples[i], page, &machine), ROUNDS / 4, "%s",
				     samples[i].name);
		x86_machine_release(&machine);
		munmap(page, 4096);
	}
}

Test(x86, knows_no_instruction_that_is_cut_off_or_of_other_kinds)
{
	static const struct {
		uint8_t bytes[4];
		size_t size;
	} unknown[] = {
		{{0}, 0},                      /* nothing */
		{{0x48}, 1},                   /* a prefix only */
		{{0x0f}, 1},                   /* half an opcode */
		{{0x0f, 0x05}, 2},             /* syscall */
		{{0x0f, 0x0b}, 2},             /* ud2 */
		{{0xcd, 0x80}, 2},             /* int */
		{{0xcc}, 1},                   /* int3 */
		{{0xf4}, 1},                   /* hlt */
		{{0xf0, 0xff, 0x07}, 3},       /* lock inc */
		{{0xc5, 0xf8, 0x77}, 3},       /* vzeroupper */
		{{0x65, 0x48, 0x8b, 0x07}, 4}, /* gs: */
		{{0x67, 0x8b, 0x07}, 3},       /* 32-bit address */
		{{0x66, 0xe8, 0, 0}, 4},       /* 16-bit call */
		{{0x06}, 1},                   /* not in 64-bit mode */
	};
	struct x86_instruction instruction;

	for (size_t i = 0; i < ARRAY_COUNT(unknown); i++)
		cr_expect(!x86_decode(unknown[i].bytes, unknown[i].size, &instruction), "%zu",
			  i);
}
