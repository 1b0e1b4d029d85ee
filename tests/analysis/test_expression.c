#include "analysis/expression.h"
#include "graph/graph.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* A path whose steps are an array, the first of which is where it begins. */
struct path {
	const struct expression_step *steps;
};

static bool read_step(void *context, uint32_t object, struct expression_step *ret)
{
	const struct path *path = context;

	*ret = path->steps[object];
	ret->parent = object ? object - 1 : OBJECT_NONE;
	ret->depth = object;
	ret->jump = object ? object - 1 : 0;
	return true;
}

static bool read_start(void *context, uint32_t object, char *ret, size_t size)
{
	(void)context, (void)object;
	snprintf(ret, size, "modules");
	return true;
}

static void expect(const struct expression_step *steps, uint32_t last, const char *expected)
{
	struct path path = {steps};
	const struct expression_source source = {&path, read_step, read_start};
	struct expression expression;

	cr_assert(expression_write(&source, last, &expression));
	cr_expect_str_eq(expression.text, expected);
}

#define KEYED(type, value)                                             \
	{                                                              \
		.label = "value", .key_type = type, .key_value = value \
	}
#define NAMESPACE                                    \
	{                                            \
		.label = "md_dict", .expression = "" \
	}

Test(expression, writes_a_namespace_s_values_as_attributes)
{
	const struct expression_step steps[] = {{.label = NULL},
						KEYED("builtins.str", "app"),
						NAMESPACE,
						KEYED("builtins.str", "CACHE"),
						KEYED("builtins.str", "it's"),
						{.label = ".parent"}};

	expect(steps, 5, "modules['app'].CACHE['it\\'s'].parent");
	expect(steps, 2, "modules['app'].__dict__");
}

Test(expression, writes_what_is_no_identifier_as_a_key_of_the_namespace)
{
	const struct expression_step steps[] = {{.label = NULL},
						NAMESPACE,
						KEYED("builtins.str", "a b"),
						NAMESPACE,
						KEYED("builtins.int", "7")};

	expect(steps, 2, "modules.__dict__['a b']");
	expect(steps, 4, "modules.__dict__['a b'].__dict__[7]");
}

Test(expression, writes_keys_by_what_they_are)
{
	const struct expression_step steps[] = {
		{.label = NULL},
		KEYED("builtins.tuple", "len 2"),
		KEYED("app.Key", NULL),
		KEYED(NULL, NULL),
		{.label = "[]", .ordinal = 3},
		{.label = "func_closure", .expression = ".__closure__"},
		{.label = "task_coro"}};

	expect(steps, 6,
	       "modules[<builtins.tuple len 2>][<app.Key>][?][3].__closure__.task_coro");
}

Test(expression, leaves_out_the_middle_of_a_long_path)
{
	static struct expression_step steps[101];

	for (size_t i = 1; i < 101; i++)
		steps[i] = (struct expression_step){.label = i % 2 ? ".a" : ".b"};
	expect(steps, 100, "modules.a.b.a.b.a.b.a.b … 86 steps … .a.b.a.b.a.b");
	expect(steps, 3, "modules.a.b.a");
}
