/*
 * What every opcode does.  One that stands in no table is not known.
 */
#include "runtime/cpython/x86_handlers.h"

/* clang-format off */
static x86_handler *const one_byte[256] = {
	[0x00 ... 0x05] = x86_arithmetic, [0x08 ... 0x0d] = x86_arithmetic,
	[0x10 ... 0x15] = x86_arithmetic, [0x18 ... 0x1d] = x86_arithmetic,
	[0x20 ... 0x25] = x86_arithmetic, [0x28 ... 0x2d] = x86_arithmetic,
	[0x30 ... 0x35] = x86_arithmetic, [0x38 ... 0x3d] = x86_arithmetic,
	[0x50 ... 0x57] = x86_push_register,
	[0x58 ... 0x5f] = x86_pop_register,
	[0x63] = x86_sign_extend,
	[0x68] = x86_push_immediate, [0x6a] = x86_push_immediate,
	[0x69] = x86_multiply, [0x6b] = x86_multiply,
	[0x70 ... 0x7f] = x86_jump_if,
	[0x80 ... 0x81] = x86_arithmetic_immediate, [0x83] = x86_arithmetic_immediate,
	[0x84 ... 0x85] = x86_test, [0xa8 ... 0xa9] = x86_test,
	[0x86 ... 0x87] = x86_exchange, [0x90 ... 0x97] = x86_exchange,
	[0x88 ... 0x89] = x86_move_to_operand,
	[0x8a ... 0x8b] = x86_move_to_register,
	[0x8d] = x86_load_address,
	[0x8f] = x86_pop_operand,
	[0x98] = x86_widen,
	[0x99] = x86_widen_pair,
	[0xaa ... 0xab] = x86_fill,
	[0xb0 ... 0xbf] = x86_move_immediate,
	[0xc0 ... 0xc1] = x86_shift, [0xd0 ... 0xd3] = x86_shift,
	[0xc2 ... 0xc3] = x86_return,
	[0xc6 ... 0xc7] = x86_store_immediate,
	[0xc9] = x86_leave,
	[0xe8] = x86_call,
	[0xe9] = x86_jump, [0xeb] = x86_jump,
	[0xf6 ... 0xf7] = x86_unary,
	[0xfe ... 0xff] = x86_group_5,
};

static x86_handler *const two_byte[256] = {
	[0x0d] = x86_nothing, [0x18 ... 0x1f] = x86_nothing,
	[0x10] = x86_vector_load, [0x28] = x86_vector_load, [0x6f] = x86_vector_load,
	[0x11] = x86_vector_store, [0x29] = x86_vector_store, [0x7f] = x86_vector_store,
	[0xd6] = x86_vector_store,
	[0x12 ... 0x13] = x86_vector_low,
	[0x14] = x86_vector_unpack, [0x62] = x86_vector_unpack,
	[0x6c ... 0x6d] = x86_vector_unpack,
	[0x16 ... 0x17] = x86_vector_high,
	[0x40 ... 0x4f] = x86_move_conditionally,
	[0x54 ... 0x57] = x86_vector_logic, [0xdb] = x86_vector_logic, [0xdf] = x86_vector_logic,
	[0xeb] = x86_vector_logic, [0xef] = x86_vector_logic,
	[0x6e] = x86_vector_from,
	[0x70] = x86_vector_shuffle, [0xc6] = x86_vector_shuffle,
	[0x7e] = x86_vector_7e,
	[0x80 ... 0x8f] = x86_jump_if,
	[0x90 ... 0x9f] = x86_set_conditionally,
	[0xa3] = x86_bit, [0xab] = x86_bit, [0xb3] = x86_bit, [0xba ... 0xbb] = x86_bit,
	[0xaf] = x86_multiply,
	[0xb6 ... 0xb7] = x86_zero_extend,
	[0xb8] = x86_count_bits,
	[0xbc ... 0xbd] = x86_bit_scan,
	[0xbe ... 0xbf] = x86_sign_extend,
	[0xc8 ... 0xcf] = x86_byte_swap,
	[0xd4] = x86_vector_sum, [0xfa ... 0xfb] = x86_vector_sum, [0xfe] = x86_vector_sum,
};
/* clang-format on */

bool x86_execute(struct x86_machine *machine, const struct x86_instruction *instruction)
{
	x86_handler *handler = instruction->is_two_byte ? two_byte[instruction->opcode]
							: one_byte[instruction->opcode];

	return handler ? handler(machine, instruction)
		       : x86_give_up(machine, "it has an instruction that is not known");
}
