#include "base/utf8.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void check_repair(const char *text, const char *expected)
{
	char *repaired = utf8_repaired(text);

	cr_assert_str_eq(repaired, expected);
	free(repaired);
}

Test(utf8, leaves_characters_of_all_lengths_alone)
{
	const char *text = "a\u00e9\u20ac\U0001f40d";

	cr_assert_eq(utf8_valid_length(text), strlen(text));
	check_repair(text, text);
}

Test(utf8, replaces_each_byte_that_fits_nowhere)
{
	check_repair("a\xff"
		     "b",
		     "a\ufffd"
		     "b");
	check_repair("cut \xe2\x82", "cut \ufffd\ufffd");
	check_repair("overlong \xc0\xaf", "overlong \ufffd\ufffd");
	check_repair("surrogate \xed\xa0\x80", "surrogate \ufffd\ufffd\ufffd");
	check_repair("too high \xf4\x90\x80\x80", "too high \ufffd\ufffd\ufffd\ufffd");
}

Test(utf8, encodes_what_is_no_character_as_the_replacement)
{
	static const uint32_t codes[] = {0xd800, 0x110000, 0xffffffff};
	char text[UTF8_LONGEST + 1] = "";

	for (size_t i = 0; i < 3; i++) {
		text[utf8_encode(codes[i], text)] = 0;
		cr_assert_str_eq(text, "\ufffd");
	}
}
