/*
 * Numbers as Python's repr() writes them.
 */
#ifndef RUNTIME_CPYTHON_VALUE_NUMBERS_H
#define RUNTIME_CPYTHON_VALUE_NUMBERS_H

#include "runtime/cpython/value_text.h"

#define VALUE_LONGEST_INTEGER 256 /* bits; longer ones are "int of N bits" */

/* The digits of an int, the least significant first; each has `bits` of `width` bytes. */
struct int_digits {
	const uint8_t *bytes; /* [count * width] */
	uint64_t count;       /* no leading zeros */
	unsigned width, bits; /* 4 and 30, or 2 and 15 */
	bool negative;
};

/* At most VALUE_LONGEST_INTEGER bits of it. */
bool value_put_decimal(struct value_text *text, const struct int_digits *digits);

/* The shortest digits that read back the same. */
bool value_put_double(struct value_text *text, double value);
bool value_put_complex(struct value_text *text, double real, double imaginary);

#endif
