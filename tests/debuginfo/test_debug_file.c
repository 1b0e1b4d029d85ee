#include "support/debug_fixture.h"

#include <criterion/criterion.h>

static struct fixture fixture;

static void set_up(void)
{
	fixture_init(&fixture);
	fixture_need("objcopy");
	fixture_build(&fixture, "gcc", "-O2 -g");
	cr_assert(fixture_run(&fixture, "objcopy --only-keep-debug program program.debug && "
					"objcopy --strip-all program stripped"));
}

static void tear_down(void)
{
	fixture_release(&fixture);
}

TestSuite(debug_file, .init = set_up, .fini = tear_down);

static void expect_debug_info(const char *program, const char *path)
{
	struct binary *binary;
	struct debug_info *info = fixture_open(&fixture, program, false, &binary);
	struct binary_symbol symbol;

	cr_assert_str_eq(debug_info_path(info), fixture_path(&fixture, path));
	cr_assert_neq(debug_type_named(info, "Registry"), DEBUG_NONE);
	cr_assert(debug_info_binary(info));
	cr_assert(binary_symbol(debug_info_binary(info), "visit", &symbol));
	debug_info_close(info);
	binary_close(binary);
}

static void expect_nothing(const char *program, struct error *err)
{
	const char *const dirs[] = {fixture_path(&fixture, "debug"), NULL};
	struct debug_options options = {.debug_dirs = dirs, .anomalies = anomalies_create()};
	struct error ignored = {0};
	struct binary *binary = binary_open(fixture_path(&fixture, program), &ignored);

	cr_assert(binary, "%s", ignored.message);
	cr_assert_null(debug_info_open(binary, &options, err));
	anomalies_free(options.anomalies);
	binary_close(binary);
}

static void build_id(char hex[2 * BUILD_ID_MAX + 1])
{
	struct error err = {0};
	struct binary *binary = binary_open(fixture_path(&fixture, "program"), &err);

	cr_assert(binary, "%s", err.message);
	build_id_format(binary_build_id(binary), hex);
	binary_close(binary);
}

Test(debug_file, is_found_by_build_id)
{
	char hex[2 * BUILD_ID_MAX + 1], path[128];

	build_id(hex);
	cr_assert(fixture_run(&fixture,
			      "mkdir -p debug/.build-id/%.2s && "
			      "mv program.debug debug/.build-id/%.2s/%s.debug",
			      hex, hex, hex + 2));
	snprintf(path, sizeof(path), "debug/.build-id/%.2s/%s.debug", hex, hex + 2);
	expect_debug_info("stripped", path);
}

Test(debug_file, is_found_beside_the_binary_by_its_link)
{
	cr_assert(fixture_run(&fixture, "objcopy --add-gnu-debuglink=program.debug stripped"));
	expect_debug_info("stripped", "program.debug");
}

Test(debug_file, is_found_in_the_hidden_folder_beside_the_binary)
{
	cr_assert(fixture_run(&fixture, "objcopy --add-gnu-debuglink=program.debug stripped && "
					"mkdir .debug && mv program.debug .debug"));
	expect_debug_info("stripped", ".debug/program.debug");
}

Test(debug_file, is_told_by_its_checksum_where_there_is_no_build_id)
{
	struct error err = {0};

	cr_assert(fixture_run(&fixture,
			      "objcopy --remove-section .note.gnu.build-id program && "
			      "objcopy --only-keep-debug program program.debug && "
			      "objcopy --strip-all program stripped && "
			      "objcopy --add-gnu-debuglink=program.debug stripped"));
	expect_debug_info("stripped", "program.debug");
	cr_assert(fixture_run(&fixture, "echo >> program.debug"));
	expect_nothing("stripped", &err);
}

Test(debug_file, of_another_build_is_refused)
{
	struct error err = {0};

	cr_assert(fixture_run(&fixture, "objcopy --add-gnu-debuglink=program.debug stripped && "
					"sed -i s/calls/calms/g main.c"));
	fixture_build(&fixture, "gcc", "-O1 -g");
	cr_assert(fixture_run(&fixture, "objcopy --only-keep-debug program program.debug"));
	expect_nothing("stripped", &err);
}

Test(debug_file, that_is_missing_is_named_by_the_build_id)
{
	char hex[2 * BUILD_ID_MAX + 1];
	struct error err = {0};

	build_id(hex);
	expect_nothing("stripped", &err);
	cr_assert(strstr(err.message, hex), "%s", err.message);
	cr_assert_eq(err.kind, ERROR_INPUT);
}
