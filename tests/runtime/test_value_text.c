#include "runtime/cpython/value_numbers.h"
#include "runtime/runtime.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

static void expect_double(double value, const char *expected)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	cr_assert(value_put_double(&text, value));
	cr_assert_str_eq(ret, expected, "%.17g gives %s, not %s", value, ret, expected);
}

Test(value_text, writes_floats_with_the_fewest_digits_that_read_back)
{
	expect_double(0, "0.0");
	expect_double(-0.0, "-0.0");
	expect_double(1, "1.0");
	expect_double(-2.5, "-2.5");
	expect_double(0.1, "0.1");
	expect_double(0.1 + 0.2, "0.30000000000000004");
	expect_double(1.0 / 3, "0.3333333333333333");
	expect_double(5e-324, "5e-324");
	expect_double(DBL_MIN, "2.2250738585072014e-308");
	expect_double(DBL_MAX, "1.7976931348623157e+308");
}

Test(value_text, looks_above_the_nearest_digits_at_a_power_of_two)
{
	expect_double(0x1p-44, "5.684341886080802e-14");
	expect_double(0x1p-24, "5.960464477539063e-08");
}

Test(value_text, writes_floats_with_an_exponent_where_repr_does)
{
	expect_double(1e-4, "0.0001");
	expect_double(1e-5, "1e-05");
	expect_double(1.5e-7, "1.5e-07");
	expect_double(1e15, "1000000000000000.0");
	expect_double(1e16, "1e+16");
	expect_double(123456789012345678.0, "1.2345678901234568e+17");
	expect_double(1e100, "1e+100");
}

Test(value_text, writes_what_is_no_finite_number)
{
	expect_double((double)INFINITY, "inf");
	expect_double((double)-INFINITY, "-inf");
	expect_double((double)NAN, "nan");
	expect_double(-(double)NAN, "nan");
}

static void expect_complex(double real, double imaginary, const char *expected)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	cr_assert(value_put_complex(&text, real, imaginary));
	cr_assert_str_eq(ret, expected);
}

Test(value_text, writes_complex_numbers_as_repr_does)
{
	expect_complex(0, 1, "1j");
	expect_complex(1, 2, "(1+2j)");
	expect_complex(-1.5, -2, "(-1.5-2j)");
	expect_complex(-0.0, 1, "(-0+1j)");
	expect_complex(0, -0.0, "-0j");
	expect_complex(1, (double)-INFINITY, "(1-infj)");
	expect_complex((double)NAN, -(double)NAN, "(nan+nanj)");
	expect_complex(1e20, 1e-7, "(1e+20+1e-07j)");
}

static void expect_code(uint32_t code, const char *expected)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	cr_assert(value_text_code(&text, code));
	cr_assert_str_eq(ret, expected);
}

Test(value_text, escapes_what_cannot_be_printed)
{
	expect_code('a', "a");
	expect_code('\'', "'");
	expect_code('"', "\"");
	expect_code('\\', "\\\\");
	expect_code('\n', "\\n");
	expect_code(0, "\\x00");
	expect_code(0x1b, "\\x1b");
	expect_code(0x7f, "\\x7f");
	expect_code(0xa0, "\\xa0");
	expect_code(0xe9, "é");
	expect_code(0x2028, "\\u2028");
	expect_code(0x202e, "\\u202e");
	expect_code(0x65e5, "日");
	expect_code(0xd800, "\\ud800");
	expect_code(0xdcff, "\\udcff");
	expect_code(0x1f600, "😀");
	expect_code(0x10ffff, "\\U0010ffff");
	expect_code(0x110000, "\\U00110000");
	expect_code(UINT32_MAX, "\\Uffffffff");
}

Test(value_text, takes_what_is_no_utf8_for_latin1)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	cr_assert(value_text_utf8(&text, "a\xc3\xa9 \xff\xc3 \xed\xb2\x80\xe2"));
	cr_assert_str_eq(ret, "aé ÿÃ \\udc80â");
}

static void fill(struct value_text *text, unsigned characters)
{
	while (characters--)
		cr_assert(value_text_code(text, 'x'));
}

Test(value_text, keeps_what_just_fits)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	fill(&text, VALUE_LONGEST);
	cr_assert_eq(strlen(ret), (size_t)VALUE_LONGEST);
	cr_assert(!value_text_code(&text, 'y'));
	cr_assert_eq(strlen(ret), VALUE_LONGEST - 1 + strlen("…"));
	cr_assert_str_eq(ret + VALUE_LONGEST - 1, "…");
	cr_assert(!value_text_code(&text, 'y'));
	cr_assert_str_eq(ret + VALUE_LONGEST - 1, "…");
}

Test(value_text, never_cuts_an_escape)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	fill(&text, VALUE_LONGEST - 3);
	cr_assert(!value_text_code(&text, 0));
	cr_assert_str_eq(ret + VALUE_LONGEST - 3, "…");
	value_text_begin(&text, ret, sizeof(ret));
	fill(&text, VALUE_LONGEST - 4);
	cr_assert(value_text_code(&text, 0));
	cr_assert(!value_text_code(&text, 'y'));
	cr_assert_str_eq(ret + VALUE_LONGEST - 4, "…");
}

Test(value_text, has_room_for_the_widest_characters)
{
	struct value_text text;
	char ret[VALUE_TEXT_SIZE];

	value_text_begin(&text, ret, sizeof(ret));
	for (unsigned i = 0; i < VALUE_LONGEST; i++)
		cr_assert(value_text_code(&text, 0x1f600));
	cr_assert_eq(strlen(ret), 4u * VALUE_LONGEST);
	cr_assert(!value_text_code(&text, 'y'));
	cr_assert_eq(strlen(ret), 4u * (VALUE_LONGEST - 1) + strlen("…"));
}

Test(value_text, stays_within_a_smaller_place)
{
	struct value_text text;
	char ret[12];

	value_text_begin(&text, ret, sizeof(ret));
	cr_assert(!value_text_ascii(&text, "0123456789"));
	cr_assert_str_eq(ret, "01234567…");
	value_text_begin(&text, ret, 2);
	cr_assert(!value_text_ascii(&text, "0123456789"));
	cr_assert_str_eq(ret, "");
}
