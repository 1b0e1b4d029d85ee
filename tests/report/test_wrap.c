#include "report/wrap.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect_wrapped(const char *text, const char *expected)
{
	char *written = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&written, &length);

	write_wrapped(file, text, strlen(text), 12);
	fclose(file);
	cr_expect_str_eq(written, expected);
	free(written);
}

Test(wrap, breaks_lines_between_words)
{
	expect_wrapped("one two three four\nfive\n", "one two\nthree four\nfive\n");
}

Test(wrap, indents_what_goes_on_as_the_line)
{
	expect_wrapped("   one two three", "   one two\n   three");
	expect_wrapped("12. one two three", "12. one two\n    three");
}

Test(wrap, leaves_long_words_and_fitting_lines_alone)
{
	expect_wrapped("a modules['application'].cache b",
		       "a\nmodules['application'].cache\nb");
	expect_wrapped("0123456 8901", "0123456 8901");
}

Test(wrap, counts_columns_and_not_bytes_or_colours)
{
	expect_wrapped("ææææææ ååååå", "ææææææ ååååå");
	expect_wrapped("\033[31mcritical\033[0m one", "\033[31mcritical\033[0m one");
}
