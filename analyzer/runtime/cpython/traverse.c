/*
 * x86-64 loads of a word, `mov disp(base), register`:
 *
 *   REX.W (0x48 … 0x4f)  0x8b  ModRM [SIB] disp8 | disp32      (0x8d: its address)
 *
 * ModRM's upper two bits are 1 for an 8-bit displacement, 2 for a 32-bit one, 0 for none; its
 * lower three are the base, or 4 for a SIB byte.  Loads relative to rsp are the function's own.
 * Bytes are looked at by `cmpb $0, disp8(base)` (0x80 /7) and `movzbl disp8(base), register`
 * (0x0f 0xb6).
 *
 * The register does not matter: the visit function is inlined where it is guessed.
 */
#include "runtime/cpython/traverse.h"

#define LONGEST_FUNCTION ((uint64_t)64 << 10) /* bytes of code looked at */
#define LONGEST_LOAD     8
#define MOST_CALLS       3 /* functions deep */
#define OPCODE_LOAD      0x8b
#define OPCODE_ADDRESS   0x8d /* lea: of an array that is visited in a loop */
#define BRANCH_SIZE      5
#define OPCODE_ADD       0x03 /* of an array's pointer to an index */
#define OPCODE_CALL      0xe8
#define OPCODE_JUMP      0xe9
#define OPCODE_SHORT     0xeb /* a jump by one byte */
#define SHORT_SIZE       2
#define BASE_SIB         4
#define BASE_RIP         5
#define SIB_STACK        0x24 /* rsp, or r12 with REX_BASE */
#define REX_BASE         1
#define REX_REGISTER     4
#define REGISTER_RDI     7

/* The displacement of the load that begins at code; false if none does. */
static bool decode_load(const uint8_t *code, uint32_t *ret)
{
	unsigned mode = code[2] >> 6, base = code[2] & 7;
	const uint8_t *at = code + 3;
	uint32_t wide;

	if ((code[0] & 0xf8) != 0x48 ||
	    (code[1] != OPCODE_LOAD && code[1] != OPCODE_ADDRESS && code[1] != OPCODE_ADD) ||
	    mode == 3)
		return false;
	if (base == BASE_SIB && *at++ == SIB_STACK && !(code[0] & REX_BASE))
		return false;
	if (mode == 0 && base == BASE_RIP)
		return false;
	memcpy(&wide, at, sizeof(wide));
	*ret = mode == 0 ? 0 : mode == 1 ? *at : wide;
	return true;
}

/* A function's code, from its debug info's or its symbol's size. */
struct code {
	const uint8_t *bytes; /* [size], mapped; NULL if it cannot be had */
	uint64_t size;
	const char *name; /* "" if unknown */
};

static struct code code_of(const struct python *python, addr_t function)
{
	struct module *module = function ? target_module_at(python->target, function) : NULL;
	struct debug_info *debug;
	const struct debug_function *found =
		target_function_at(python->target, function, &debug);
	struct code code = {.name = found ? found->name : ""};
	struct binary_symbol symbol;

	if (found && found->high > found->low)
		code.size = found->high - found->low;
	else if (module && binary_symbol_at(module->binary, function - module->bias, &symbol) &&
		 symbol.address == function - module->bias)
		code.size = symbol.size;
	if (code.size >= LONGEST_LOAD && code.size <= LONGEST_FUNCTION)
		code.bytes = binary_view(module->binary, function - module->bias, code.size);
	return code;
}

/* Loaded into rdi, the first argument of a visit. */
static bool is_argument(const uint8_t *code)
{
	return !(code[0] & REX_REGISTER) && (code[2] >> 3 & 7) == REGISTER_RDI;
}

/* The target of a direct call or jump that begins at code; 0 if none does. */
static addr_t decode_branch(const uint8_t *code, addr_t address)
{
	int32_t distance;

	if (code[0] != OPCODE_CALL && code[0] != OPCODE_JUMP)
		return 0;
	memcpy(&distance, code + 1, sizeof(distance));
	return address + BRANCH_SIZE + (addr_t)(int64_t)distance;
}

/*
 * The function that does the work: where the linker or compiler folded functions of the same code,
 * all but one are a jump to that one, and have no debug info.  Otherwise the function itself.
 */
static addr_t unfolded(const struct python *python, addr_t function)
{
	struct module *module = function ? target_module_at(python->target, function) : NULL;
	const uint8_t *code =
		module ? binary_view(module->binary, function - module->bias, BRANCH_SIZE)
		       : NULL;

	if (code && code[0] == OPCODE_SHORT)
		return function + SHORT_SIZE + (addr_t)(int64_t)(int8_t)code[1];
	return code && code[0] == OPCODE_JUMP ? decode_branch(code, function) : function;
}

static unsigned count_loads(const struct code *code, uint32_t offset, uint32_t own)
{
	unsigned loads = 0;
	uint32_t displacement;

	for (uint64_t at = 0; at + LONGEST_LOAD <= code->size; at++)
		if (decode_load(code->bytes + at, &displacement) && displacement == offset)
			loads += offset == own && !is_argument(code->bytes + at) ? 1 : 2;
	return loads;
}

static bool is_visitor(const char *name)
{
	return strstr(name, "traverse") || strstr(name, "VisitType");
}

/* Many functions end in another's: async generators' in generators', exceptions' in a base's. */
static enum visit ask(const struct python *python, addr_t function, uint32_t offset,
		      uint32_t own, int depth)
{
	struct code code = code_of(python, function);

	if (!code.bytes)
		return VISIT_UNKNOWN;
	if (count_loads(&code, offset, own) > 1)
		return VISIT_YES;
	for (uint64_t at = 0; depth < MOST_CALLS && at + BRANCH_SIZE <= code.size; at++) {
		addr_t called = decode_branch(code.bytes + at, function + at);

		if (called && is_visitor(code_of(python, called).name) &&
		    ask(python, called, offset, own, depth + 1) == VISIT_YES)
			return VISIT_YES;
	}
	return VISIT_NO;
}

enum visit traverse_visits(const struct python *python, addr_t function, uint32_t offset,
			   uint32_t own)
{
	return ask(python, unfolded(python, function), offset, own, 0);
}

static bool tests_byte(const uint8_t *code, uint8_t offset)
{
	bool compares = code[0] == 0x80 && (code[1] & 0xf8) == 0x78 && code[2] == offset;
	bool loads =
		code[0] == 0x0f && code[1] == 0xb6 && code[2] >> 6 == 1 && code[3] == offset;

	return compares || loads;
}

bool traverse_tests_byte(const struct python *python, addr_t function, uint8_t offset)
{
	struct code code = code_of(python, function);

	for (uint64_t at = 0; code.bytes && at + LONGEST_LOAD <= code.size; at++)
		if (tests_byte(code.bytes + at, offset))
			return true;
	return false;
}
