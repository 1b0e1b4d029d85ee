/*
 * x86-64 loads of a word, `mov disp(base), register`:
 *
 *   REX.W (0x48 … 0x4f)  0x8b  ModRM [SIB] disp8 | disp32
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
#define OPCODE_LOAD      0x8b
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

	if ((code[0] & 0xf8) != 0x48 || code[1] != OPCODE_LOAD || mode == 3)
		return false;
	if (base == BASE_SIB && *at++ == SIB_STACK && !(code[0] & REX_BASE))
		return false;
	if (mode == 0 && base == BASE_RIP)
		return false;
	memcpy(&wide, at, sizeof(wide));
	*ret = mode == 0 ? 0 : mode == 1 ? *at : wide;
	return true;
}

/* The function's code, from its debug info's or its symbol's size. */
static const uint8_t *code_of(const struct python *python, addr_t function, uint64_t *ret_size)
{
	struct module *module = target_module_at(python->target, function);
	struct debug_info *debug = module ? module_debug(python->target, module) : NULL;
	const struct debug_function *found =
		debug ? debug_function_at(debug, function - module->bias) : NULL;
	struct binary_symbol symbol;

	*ret_size = 0;
	if (found && found->high > found->low)
		*ret_size = found->high - found->low;
	else if (module && binary_symbol_at(module->binary, function - module->bias, &symbol) &&
		 symbol.address == function - module->bias)
		*ret_size = symbol.size;
	if (*ret_size < LONGEST_LOAD || *ret_size > LONGEST_FUNCTION)
		return NULL;
	return binary_view(module->binary, function - module->bias, *ret_size);
}

/* Loaded into rdi, the first argument of a visit. */
static bool is_argument(const uint8_t *code)
{
	return !(code[0] & REX_REGISTER) && (code[2] >> 3 & 7) == REGISTER_RDI;
}

enum visit traverse_visits(const struct python *python, addr_t function, uint32_t offset,
			   uint32_t own)
{
	unsigned loads = 0;
	uint64_t size;
	const uint8_t *code = function ? code_of(python, function, &size) : NULL;
	uint32_t displacement;

	if (!code)
		return VISIT_UNKNOWN;
	for (uint64_t at = 0; at + LONGEST_LOAD <= size; at++)
		if (decode_load(code + at, &displacement) && displacement == offset)
			loads += offset == own && !is_argument(code + at) ? 1 : 2;
	return loads > 1 ? VISIT_YES : VISIT_NO;
}

static bool tests_byte(const uint8_t *code, uint8_t offset)
{
	bool compares = code[0] == 0x80 && (code[1] & 0xf8) == 0x78 && code[2] == offset;
	bool loads = code[0] == 0x0f && code[1] == 0xb6 && code[2] >> 6 == 1 && code[3] == offset;

	return compares || loads;
}

bool traverse_tests_byte(const struct python *python, addr_t function, uint8_t offset)
{
	uint64_t size;
	const uint8_t *code = function ? code_of(python, function, &size) : NULL;

	for (uint64_t at = 0; code && at + LONGEST_LOAD <= size; at++)
		if (tests_byte(code + at, offset))
			return true;
	return false;
}
