#include "runtime/cpython/bytecode.h"

#include <criterion/criterion.h>

/* Opcodes of the versions that are tested here, by number. */
enum {
	POP_TOP = 1,
	END_FINALLY_38 = 88,
	RETURN = 83,
	LOAD_CONST = 100,
	BUILD_TUPLE = 102,
	STORE_FAST = 125,
	EXTENDED = 144,
	BEGIN_FINALLY_38 = 53,
	POP_BLOCK_38 = 87,
	SETUP_FINALLY_38 = 122,
	CALL_FINALLY_38 = 162,
	CALL_FUNCTION_38 = 131,
	FOR_ITER_38 = 93,
	JUMP_ABSOLUTE_38 = 113,
	GEN_START_310 = 129,
	PUSH_NULL_311 = 2,
	PUSH_EXC_INFO_311 = 35,
	CALL_311 = 171,
	PRECALL_311 = 166,
	RESUME_311 = 151,
	JUMP_BACKWARD_311 = 140,
	FOR_ITER_311 = 93,
};

/* Depth before the instruction at the offset; -1 if it cannot be told. */
static int depth_of(const struct bytecode *code, uint64_t offset)
{
	struct instruction instruction;

	if (!bytecode_instruction(code, offset, &instruction))
		return -1;
	return instruction.low == instruction.high ? (int)instruction.low : -2;
}

#define CODE(version, ...)                                           \
	(&(struct bytecode){.minor = version,                        \
			    .bytes = (const uint8_t[]){__VA_ARGS__}, \
			    .size = sizeof((const uint8_t[]){__VA_ARGS__})})

Test(bytecode, adds_up_what_instructions_push_and_pop)
{
	const struct bytecode *code = CODE(8, LOAD_CONST, 0, LOAD_CONST, 0, LOAD_CONST, 0,
					   CALL_FUNCTION_38, 2, RETURN, 0);

	cr_assert_eq(depth_of(code, 0), 0);
	cr_assert_eq(depth_of(code, 6), 3);
	cr_assert_eq(depth_of(code, 8), 1);
}

Test(bytecode, follows_jumps_in_the_units_of_the_version)
{
	/* 0 LOAD_CONST, 2 FOR_ITER to 8, 4 POP_TOP, 6 JUMP_ABSOLUTE to 2, 8 LOAD_CONST, RETURN
	 */
	const struct bytecode *bytes = CODE(9, LOAD_CONST, 0, FOR_ITER_38, 4, POP_TOP, 0,
					    JUMP_ABSOLUTE_38, 2, LOAD_CONST, 0, RETURN, 0);
	const struct bytecode *units = CODE(10, LOAD_CONST, 0, FOR_ITER_38, 2, POP_TOP, 0,
					    JUMP_ABSOLUTE_38, 1, LOAD_CONST, 0, RETURN, 0);

	cr_assert_eq(depth_of(bytes, 4), 2);
	cr_assert_eq(depth_of(bytes, 8), 0);
	cr_assert_eq(depth_of(units, 4), 2);
	cr_assert_eq(depth_of(units, 8), 0);
}

Test(bytecode, puts_the_bytes_of_an_argument_together)
{
	uint8_t bytes[2 * 0x102 + 6] = {0};
	struct bytecode code = {.minor = 8, .bytes = bytes, .size = sizeof(bytes)};

	for (size_t i = 0; i < 0x102; i++)
		bytes[2 * i] = LOAD_CONST;
	memcpy(bytes + 2 * 0x102, ((uint8_t[]){EXTENDED, 1, BUILD_TUPLE, 1, RETURN, 0}), 6);
	cr_assert_eq(depth_of(&code, 2 * 0x102), 0x102,
		     "the prefix is part of the instruction");
	cr_assert_eq(depth_of(&code, 2 * 0x103), 0x102);
	cr_assert_eq(depth_of(&code, 2 * 0x104), 2);
}

Test(bytecode, begins_generators_of_3_10_with_their_first_value)
{
	const struct bytecode *code = CODE(10, GEN_START_310, 0, LOAD_CONST, 0, RETURN, 0);

	cr_assert_eq(depth_of(code, 0), 1);
	cr_assert_eq(depth_of(code, 2), 0);
}

/* try: pass; finally: POP_TOP of a LOAD_CONST */
Test(bytecode, tells_both_depths_of_a_finally_block_of_3_8)
{
	const struct bytecode *code =
		CODE(8, SETUP_FINALLY_38, 4, POP_BLOCK_38, 0, BEGIN_FINALLY_38, 0, LOAD_CONST,
		     0, POP_TOP, 0, END_FINALLY_38, 0, LOAD_CONST, 0, RETURN, 0);
	struct instruction instruction;

	cr_assert(bytecode_instruction(code, 8, &instruction));
	cr_assert_eq(instruction.low, 2u);
	cr_assert_eq(instruction.high, 7u);
	cr_assert_eq(depth_of(code, 12), 0,
		     "only the block that nothing was raised in goes on");
}

/* The same block, called with a value to return below: it goes on behind the call. */
Test(bytecode, returns_from_a_called_finally_block_of_3_8)
{
	const struct bytecode *code =
		CODE(8, SETUP_FINALLY_38, 8, LOAD_CONST, 0, POP_BLOCK_38, 0, CALL_FINALLY_38, 2,
		     RETURN, 0, END_FINALLY_38, 0, LOAD_CONST, 0, RETURN, 0);
	struct instruction instruction;

	cr_assert_eq(depth_of(code, 8), 1);
	cr_assert(bytecode_instruction(code, 10, &instruction));
	cr_assert_eq(instruction.low, 2u);
	cr_assert_eq(instruction.high, 6u);
	cr_assert_eq(depth_of(code, 12), -1, "nothing goes on behind it");
}

Test(bytecode, skips_caches_and_undoes_specialisation)
{
	static uint8_t deopt[256], caches[256];
	struct bytecode code;
	struct instruction instruction;

	for (int i = 0; i < 256; i++)
		deopt[i] = (uint8_t)i;
	deopt[7] = CALL_311;
	caches[CALL_311] = 2;
	caches[PRECALL_311] = 1;
	code = *CODE(11, RESUME_311, 0, PUSH_NULL_311, 0, LOAD_CONST, 0, LOAD_CONST, 0,
		     PRECALL_311, 1, 255, 255, 7, 1, 255, 255, 255, 255, RETURN, 0);
	code.unspecialise = deopt;
	code.caches = caches;
	cr_assert_eq(depth_of(&code, 8), 3);
	cr_assert(bytecode_instruction(&code, 12, &instruction));
	cr_assert_eq(instruction.low, 3u);
	cr_assert(instruction.is_specialised);
	cr_assert_eq(depth_of(&code, 18), 1);
	cr_assert_eq(depth_of(&code, 14), -1, "a cache is no instruction");
}

Test(bytecode, starts_handlers_with_what_their_table_says)
{
	struct bytecode code =
		*CODE(11, RESUME_311, 0, LOAD_CONST, 0, RETURN, 0, PUSH_EXC_INFO_311, 0,
		      POP_TOP, 0, LOAD_CONST, 0, RETURN, 0);
	/* From unit 1, one unit, to unit 3, with depth 2 and the position: 2 + 1 + 1 there. */
	const uint8_t table[] = {0x80 | 1, 1, 3, 2 << 1 | 1};

	code.handlers = table;
	code.handlers_size = sizeof(table);
	cr_assert_eq(depth_of(&code, 6), 4);
	cr_assert_eq(depth_of(&code, 8), 5);
	code.handlers_size = 3;
	cr_assert_eq(depth_of(&code, 6), -1, "a table that ends early");
}

Test(bytecode, gives_up_where_ways_disagree)
{
	/* Each turn of the loop pushes one more. */
	cr_assert_eq(depth_of(CODE(11, LOAD_CONST, 0, JUMP_BACKWARD_311, 2), 0), -1);
}

Test(bytecode, gives_up_on_what_it_does_not_know)
{
	cr_assert_eq(depth_of(CODE(7, LOAD_CONST, 0, RETURN, 0), 0), -1, "version");
	cr_assert_eq(depth_of(CODE(11, LOAD_CONST, 0, 255, 0, RETURN, 0), 0), -1, "opcode");
	cr_assert_eq(depth_of(CODE(11, LOAD_CONST, 0, RETURN, 0, POP_TOP, 0), 4), -1,
		     "not reached");
	cr_assert_eq(depth_of(CODE(11, LOAD_CONST, 0, RETURN, 0), 8), -1, "outside");
	cr_assert_eq(depth_of(CODE(11, LOAD_CONST, 0), 0), -1, "runs off the end");
	cr_assert_eq(depth_of(CODE(11, POP_TOP, 0, RETURN, 0), 0), -1,
		     "pops what is not there");
	cr_assert_eq(depth_of(CODE(11, EXTENDED, 255, EXTENDED, 255, EXTENDED, 255, EXTENDED,
				   255, JUMP_BACKWARD_311, 255),
			      0),
		     -1, "too many prefixes");
	cr_assert_eq(depth_of(CODE(11, JUMP_BACKWARD_311, 200), 0), -1, "jumps out");
}

Test(bytecode, gives_up_on_any_bytes_without_harm)
{
	uint8_t bytes[64], handlers[16];
	uint64_t state = 1;

	for (int round = 0; round < 20000; round++) {
		struct bytecode code = {.minor = 8 + (unsigned)round % 6,
					.bytes = bytes,
					.size = sizeof(bytes),
					.handlers = handlers,
					.handlers_size = sizeof(handlers)};

		for (size_t i = 0; i < sizeof(bytes) + sizeof(handlers); i++) {
			state = state * 6364136223846793005u + 1442695040888963407u;
			(i < sizeof(bytes) ? &bytes[i] : &handlers[i - sizeof(bytes)])[0] =
				(uint8_t)(state >> 56);
		}
		depth_of(&code, state >> 58);
	}
}
