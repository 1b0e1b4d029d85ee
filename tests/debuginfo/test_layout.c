#include "debuginfo/layout.h"
#include "support/debug_fixture.h"

#include <criterion/criterion.h>

#define TEST_FIELDS(X)                                                        \
	X(registry_head, "_registry|Registry", "first|head", LAYOUT_REQUIRED) \
	X(registry_mode, "Registry", "mode", LAYOUT_REQUIRED)                 \
	X(registry_spare, "Registry", "spare.items", LAYOUT_OPTIONAL)         \
	X(registry_itself, "Registry", "", LAYOUT_REQUIRED)                   \
	X(state_other, "State", "only_in_other", LAYOUT_REQUIRED)

enum field { TEST_FIELDS(LAYOUT_ID) FIELD_COUNT };
static const struct field_spec specs[] = {TEST_FIELDS(LAYOUT_SPEC)};

static struct fixture fixture;
static struct binary *binary;
static struct debug_info *info;

static void set_up(void)
{
	fixture_init(&fixture);
	fixture_build(&fixture, "gcc", "-O2 -g");
	info = fixture_open(&fixture, "program", false, &binary);
}

static void tear_down(void)
{
	if (info)
		debug_info_close(info);
	if (binary)
		binary_close(binary);
	fixture_release(&fixture);
}

TestSuite(layout, .init = set_up, .fini = tear_down);

static struct layout_source source(void)
{
	return (struct layout_source){info, "program", "program-dbg"};
}

Test(layout, takes_the_first_alternative_that_is_there)
{
	struct layout_field fields[FIELD_COUNT];
	struct layout_source from = source();
	struct error err = {0};

	cr_assert(layout_resolve(&from, specs, FIELD_COUNT, fields, &err), "%s", err.message);
	cr_assert(fields[FIELD_registry_head].present);
	cr_assert_eq(fields[FIELD_registry_head].offset, 0u);
	cr_assert_eq(fields[FIELD_registry_head].size, 8u);
	cr_assert_eq(fields[FIELD_registry_mode].bit_size, 3);
	cr_assert_eq(fields[FIELD_registry_itself].size, 96u);
}

Test(layout, looks_at_all_structs_of_the_name)
{
	struct layout_field fields[FIELD_COUNT];
	struct layout_source from = source();
	struct error err = {0};

	cr_assert(layout_resolve(&from, specs, FIELD_COUNT, fields, &err), "%s", err.message);
	cr_assert_eq(fields[FIELD_state_other].offset, 1u);
}

Test(layout, does_without_an_optional_field)
{
	struct layout_field fields[FIELD_COUNT];
	struct layout_source from = source();
	struct error err = {0};

	cr_assert(layout_resolve(&from, specs, FIELD_COUNT, fields, &err));
	cr_assert_not(fields[FIELD_registry_spare].present);
}

Test(layout, says_which_required_field_is_missing_and_what_to_install)
{
	static const struct field_spec missing[] = {
		{"Registry", "absent", true},
		{"Registry", "head", true},
	};
	struct layout_field fields[2];
	struct layout_source from = source();
	struct error err = {0};

	cr_assert_not(layout_resolve(&from, missing, 2, fields, &err));
	cr_assert(strstr(err.message, "absent"));
	cr_assert(strstr(err.message, "Registry"));
	cr_assert(strstr(err.message, "program-dbg"));
	cr_assert(fields[1].present);
}

Test(layout, falls_back_where_there_is_no_enumerator)
{
	cr_assert_eq(layout_constant(info, "CRIMSON|RED", 1), 7);
	cr_assert_eq(layout_constant(info, "GREEN", 1), 1);
}
