#include "runtime/cpython/label_styles.h"

#include <criterion/criterion.h>

Test(label_styles, calls_the_table_of_modules_so_wherever_it_is)
{
	cr_assert_str_eq(cpython_label_style("interpreter.modules").expression, "modules");
	cr_assert_str_eq(cpython_label_style("interpreter.imports.modules").expression,
			 "modules");
}

Test(label_styles, prefer_a_name_to_what_the_interpreter_keeps_for_itself)
{
	uint8_t name = cpython_label_style(".cache").weight;

	cr_assert_gt(cpython_label_style("interpreter.codecs.search_cache").weight, name);
	cr_assert_gt(cpython_label_style("_PyRuntime.signals.handlers[].func").weight, name);
	cr_assert_gt(cpython_label_style("atexit.func").weight, name);
}
