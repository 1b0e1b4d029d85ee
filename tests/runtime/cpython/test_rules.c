#include "runtime/cpython/plan.h"

#include <criterion/criterion.h>

Test(rules, count_the_descriptor_that_the_interpreter_keeps_for_weak_references)
{
	cr_assert_eq(plan_rule_for("_Py_interp_cached_objects", "weakref_descriptor"),
		     PLAN_DEFAULT);
}

Test(rules, count_no_list_of_weak_references)
{
	cr_assert_eq(plan_rule_for("stringio", "weakreflist"), PLAN_BORROWED);
	cr_assert_eq(plan_rule_for("PyCFunctionObject", "m_weakreflist"), PLAN_BORROWED);
}

Test(rules, know_the_definition_of_a_writer_that_is_only_declared)
{
	cr_assert_str_eq(plan_opaque_struct("PyUnicodeWriter"), "_PyUnicodeWriter");
	cr_assert_null(plan_opaque_struct("_frame"));
}
