/*
 * What the instructions do, by kind.  For the x86_*.c files only; x86_execute.c has the opcodes.
 */
#ifndef RUNTIME_CPYTHON_X86_HANDLERS_H
#define RUNTIME_CPYTHON_X86_HANDLERS_H

#include "runtime/cpython/x86_machine.h"

typedef bool x86_handler(struct x86_machine *machine,
			 const struct x86_instruction *instruction);

/* x86_integer.c */
x86_handler x86_arithmetic;           /* 00 … 3f: the operation is in the opcode */
x86_handler x86_arithmetic_immediate; /* 80, 81, 83: it is in ModRM's reg */
x86_handler x86_test;                 /* 84, 85, a8, a9 */
x86_handler x86_shift;                /* c0, c1, d0 … d3 */
x86_handler x86_unary;                /* f6, f7 */
x86_handler x86_multiply;             /* 69, 6b, 0f af */
x86_handler x86_bit;                  /* 0f a3, ab, b3, ba, bb */
x86_handler x86_bit_scan;             /* 0f bc, bd */
x86_handler x86_count_bits;           /* f3 0f b8 */
x86_handler x86_byte_swap;            /* 0f c8 … cf */
/* Adds or subtracts one, and leaves the carry alone: fe, ff with reg 0 and 1. */
x86_handler x86_step;

/* x86_move.c */
x86_handler x86_move_to_operand;    /* 88, 89 */
x86_handler x86_move_to_register;   /* 8a, 8b */
x86_handler x86_move_immediate;     /* b0 … bf */
x86_handler x86_store_immediate;    /* c6, c7 */
x86_handler x86_load_address;       /* 8d */
x86_handler x86_exchange;           /* 86, 87, 90 … 97 */
x86_handler x86_sign_extend;        /* 63, 0f be, 0f bf */
x86_handler x86_zero_extend;        /* 0f b6, 0f b7 */
x86_handler x86_widen;              /* 98 */
x86_handler x86_widen_pair;         /* 99 */
x86_handler x86_move_conditionally; /* 0f 40 … 4f */
x86_handler x86_set_conditionally;  /* 0f 90 … 9f */
x86_handler x86_fill;               /* aa, ab */
x86_handler x86_nothing;            /* nop, endbr64, prefetch */

/* Where the operand's word comes from, if it is one of 8 bytes. */
struct origin x86_operand_origin(struct x86_machine *machine,
				 const struct x86_instruction *instruction);

/* x86_control.c */
x86_handler x86_push_register;  /* 50 … 57 */
x86_handler x86_pop_register;   /* 58 … 5f */
x86_handler x86_push_immediate; /* 68, 6a */
x86_handler x86_pop_operand;    /* 8f */
x86_handler x86_jump;           /* e9, eb */
x86_handler x86_jump_if;        /* 70 … 7f, 0f 80 … 8f */
x86_handler x86_call;           /* e8 */
x86_handler x86_return;         /* c2, c3 */
x86_handler x86_leave;          /* c9 */
x86_handler x86_group_5;        /* fe, ff */

/* The condition in the low four bits of an opcode.  False: a flag that it needs is undefined. */
bool x86_condition(struct x86_machine *machine, uint8_t opcode, bool *ret);

/* x86_vector.c */
x86_handler x86_vector_load;    /* 0f 10, 28, 6f, f3 0f 7e */
x86_handler x86_vector_store;   /* 0f 11, 29, 7f, 66 0f d6 */
x86_handler x86_vector_low;     /* 0f 12, 13 */
x86_handler x86_vector_high;    /* 0f 16, 17 */
x86_handler x86_vector_from;    /* 66 0f 6e */
x86_handler x86_vector_7e;      /* f3 0f 7e, 66 0f 7e */
x86_handler x86_vector_logic;   /* 0f 54 … 57, db, df, eb, ef */
x86_handler x86_vector_sum;     /* 66 0f d4, fa, fb, fe */
x86_handler x86_vector_unpack;  /* 0f 14, 66 0f 62, 6c, 6d */
x86_handler x86_vector_shuffle; /* 66 0f 70, 0f c6 */

#endif
