#include "runtime/cpython/value_numbers.h"

#include "base/types.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMB       1000000000u /* nine decimal digits */
#define MOST_LIMBS 10          /* hold VALUE_LONGEST_INTEGER bits, and one digit more */

#define LOWEST_FIXED  (-4) /* positions of the point outside of these are exponents */
#define HIGHEST_FIXED 16

static uint32_t digit_at(const struct int_digits *digits, uint64_t index)
{
	uint32_t digit = 0;

	memcpy(&digit, digits->bytes + index * digits->width, digits->width);
	return digit & ((1u << digits->bits) - 1);
}

/* number = number << bits | digit; the number of limbs afterwards. */
static size_t shift_in(uint32_t *limbs, size_t count, unsigned bits, uint32_t digit)
{
	uint64_t carry = digit;

	for (size_t i = 0; i < count; i++) {
		uint64_t limb = ((uint64_t)limbs[i] << bits) + carry;

		limbs[i] = (uint32_t)(limb % LIMB);
		carry = limb / LIMB;
	}
	if (carry && count < MOST_LIMBS)
		limbs[count++] = (uint32_t)carry;
	return count;
}

bool value_put_decimal(struct value_text *text, const struct int_digits *digits)
{
	uint32_t limbs[MOST_LIMBS] = {0};
	size_t count = 1;
	char part[16];

	for (uint64_t i = digits->count; i-- > 0;)
		count = shift_in(limbs, count, digits->bits, digit_at(digits, i));
	if (digits->negative && !value_text_ascii(text, "-"))
		return false;
	for (size_t i = count; i-- > 0;) {
		snprintf(part, sizeof(part), i + 1 == count ? "%u" : "%09u", limbs[i]);
		if (!value_text_ascii(text, part))
			return false;
	}
	return true;
}

struct decimal {
	char digits[24]; /* no zeros at the end, but for a lone one */
	int count;
	int point; /* digits before it; may be outside of them */
};

/* Of what "%.*e" printed, whatever the locale's decimal point is. */
static void take_digits(const char *printed, struct decimal *ret)
{
	ret->count = 0;
	for (; *printed && *printed != 'e'; printed++)
		if (*printed >= '0' && *printed <= '9' &&
		    (size_t)ret->count + 1 < sizeof(ret->digits))
			ret->digits[ret->count++] = *printed;
	while (ret->count > 1 && ret->digits[ret->count - 1] == '0')
		ret->count--;
	ret->digits[ret->count] = '\0';
	ret->point = (*printed ? atoi(printed + 1) : 0) + 1;
}

/* Below a power of two numbers lie closer: the nearest digits may not be the ones that fit. */
static bool next_up_fits(char *printed, double value)
{
	char *last = strchr(printed, 'e');

	if (!last || last == printed || last[-1] < '0' || last[-1] >= '9')
		return false;
	last[-1]++;
	return strtod(printed, NULL) == value;
}

/* Fifteen digits of a normal number come back as they are, so no fewer need be tried. */
static void find_shortest(double value, struct decimal *ret)
{
	char printed[40];

	for (int digits = value < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		snprintf(printed, sizeof(printed), "%.*e", digits - 1, value);
		if (strtod(printed, NULL) == value || next_up_fits(printed, value))
			break;
	}
	take_digits(printed, ret);
}

static bool put_zeros(struct value_text *text, int count)
{
	while (count-- > 0)
		if (!value_text_ascii(text, "0"))
			return false;
	return true;
}

static bool put_fixed(struct value_text *text, const struct decimal *decimal)
{
	int whole = decimal->point < decimal->count ? decimal->point : decimal->count;

	if (whole <= 0)
		return value_text_ascii(text, "0.") && put_zeros(text, -decimal->point) &&
		       value_text_ascii(text, decimal->digits);
	if (!value_text_element(text, decimal->digits, (size_t)whole, (unsigned)whole) ||
	    !put_zeros(text, decimal->point - whole))
		return false;
	return whole == decimal->count ||
	       (value_text_ascii(text, ".") && value_text_ascii(text, decimal->digits + whole));
}

static bool put_exponent(struct value_text *text, const struct decimal *decimal)
{
	char exponent[16];

	snprintf(exponent, sizeof(exponent), "e%+03d", decimal->point - 1);
	return value_text_element(text, decimal->digits, 1, 1) &&
	       (decimal->count == 1 ||
		(value_text_ascii(text, ".") && value_text_ascii(text, decimal->digits + 1))) &&
	       value_text_ascii(text, exponent);
}

/* As complex numbers have it: whole numbers have no ".0". */
static bool put_part(struct value_text *text, double value, bool *ret_whole)
{
	struct decimal decimal;

	*ret_whole = false;
	if (isnan(value))
		return value_text_ascii(text, "nan");
	if (signbit(value) && !value_text_ascii(text, "-"))
		return false;
	if (isinf(value))
		return value_text_ascii(text, "inf");
	find_shortest(fabs(value), &decimal);
	if (decimal.point <= LOWEST_FIXED || decimal.point > HIGHEST_FIXED)
		return put_exponent(text, &decimal);
	*ret_whole = decimal.point >= decimal.count;
	return put_fixed(text, &decimal);
}

bool value_put_double(struct value_text *text, double value)
{
	bool whole;

	return put_part(text, value, &whole) && (!whole || value_text_ascii(text, ".0"));
}

bool value_put_complex(struct value_text *text, double real, double imaginary)
{
	const char *sign = isnan(imaginary) || !signbit(imaginary) ? "+" : "";
	bool whole;

	if (real == 0 && !signbit(real))
		return put_part(text, imaginary, &whole) && value_text_ascii(text, "j");
	return value_text_ascii(text, "(") && put_part(text, real, &whole) &&
	       value_text_ascii(text, sign) && put_part(text, imaginary, &whole) &&
	       value_text_ascii(text, "j)");
}
