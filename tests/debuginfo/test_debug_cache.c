#include "debuginfo/debug_cache.h"
#include "debuginfo/debug_tables.h"
#include "support/debug_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture fixture;
static struct binary *binary;
static char cache_file[256];

static void open_and_close(void)
{
	struct debug_info *info = fixture_open(&fixture, "program", true, &binary);

	cr_assert_neq(debug_type_named(info, "Registry"), DEBUG_NONE);
	debug_info_close(info);
}

static void set_up(void)
{
	char hex[2 * BUILD_ID_MAX + 1];

	fixture_init(&fixture);
	fixture_build(&fixture, "gcc", "-O2 -g");
	open_and_close();
	build_id_format(binary_build_id(binary), hex);
	snprintf(cache_file, sizeof(cache_file), "%s/cache/%s.debuginfo", fixture.dir, hex);
}

static void tear_down(void)
{
	if (binary)
		binary_close(binary);
	fixture_release(&fixture);
}

TestSuite(debug_cache, .init = set_up, .fini = tear_down);

static bool read_cache(struct flat *ret)
{
	*ret = (struct flat){0};
	return debug_cache_read(fixture_path(&fixture, "cache"), binary_build_id(binary), ret);
}

static off_t cache_size(void)
{
	struct stat status;

	cr_assert_eq(stat(cache_file, &status), 0);
	return status.st_size;
}

Test(debug_cache, answers_as_the_file_did)
{
	struct debug_info *fresh, *cached;
	struct binary *first, *second;

	fresh = fixture_open(&fixture, "program", false, &first);
	cached = fixture_open(&fixture, "program", true, &second);
	cr_assert_eq(debug_type_count(fresh), debug_type_count(cached));
	cr_assert_eq(debug_variable_count(fresh), debug_variable_count(cached));
	cr_assert_eq(debug_function_count(fresh), debug_function_count(cached));
	for (uint32_t i = 0; i < debug_type_count(fresh); i++)
		cr_assert_str_eq(debug_type(fresh, i)->name, debug_type(cached, i)->name);
	for (size_t i = 0; i < debug_function_count(fresh); i++)
		cr_assert_str_eq(debug_function(fresh, i)->name,
				 debug_function(cached, i)->name);
	debug_info_close(fresh);
	debug_info_close(cached);
	binary_close(first);
	binary_close(second);
}

Test(debug_cache, does_without_the_debug_file)
{
	struct debug_info *info;
	struct binary *stripped;

	fixture_need("objcopy");
	cr_assert(fixture_run(&fixture, "objcopy --strip-all program stripped"));
	info = fixture_open(&fixture, "stripped", true, &stripped);
	cr_assert_neq(debug_type_named(info, "Registry"), DEBUG_NONE);
	cr_assert_null(debug_info_binary(info));
	debug_info_close(info);
	binary_close(stripped);
}

Test(debug_cache, ignores_a_file_with_any_byte_changed)
{
	off_t size = cache_size();
	off_t step = size / 400 + 1;
	int fd = open(cache_file, O_RDWR);
	struct flat flat;

	cr_assert_geq(fd, 0);
	for (off_t at = 0; at < size; at += at < 256 ? 1 : step) {
		uint8_t byte, damaged;

		cr_assert_eq(pread(fd, &byte, 1, at), 1);
		damaged = (uint8_t)(byte ^ 0x41);
		cr_assert_eq(pwrite(fd, &damaged, 1, at), 1);
		cr_assert_not(read_cache(&flat), "byte %ld", (long)at);
		cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
	cr_assert(read_cache(&flat));
	flat_release(&flat);
}

Test(debug_cache, ignores_a_file_cut_off_anywhere)
{
	off_t size = cache_size();
	struct flat flat;

	for (off_t keep = size - 1; keep >= 0; keep -= keep < 256 ? 1 : size / 100 + 1) {
		cr_assert_eq(truncate(cache_file, keep), 0);
		cr_assert_not(read_cache(&flat), "%ld bytes", (long)keep);
	}
}

Test(debug_cache, is_made_anew_after_damage)
{
	struct binary *first = binary;
	struct flat flat;

	cr_assert_eq(truncate(cache_file, 100), 0);
	open_and_close();
	binary_close(first);
	cr_assert(read_cache(&flat));
	flat_release(&flat);
}

Test(debug_cache, leaves_no_temporary_file_behind)
{
	cr_assert(fixture_run(&fixture, "test $(ls -A cache | wc -l) = 1"));
}

/* Asks everything there is to ask. */
static void query_all(const struct debug_info *info)
{
	struct debug_field field;
	size_t letters = 0;

	for (uint32_t i = 0; i < info->type_count; i++) {
		const struct debug_type *type = debug_type(info, i);

		letters += strlen(type->name);
		for (uint32_t k = 0; k < type->member_count; k++)
			letters += strlen(debug_member(info, type->first_member + k)->name);
		debug_field(info, i, "grid.value.next", &field);
		debug_field(info, i, "number", &field);
		debug_type_next_named(info, debug_type_named(info, "Registry"));
	}
	for (size_t i = 0; i < debug_function_count(info); i++) {
		const struct debug_function *function = debug_function(info, i);

		letters += strlen(function->name);
		for (uint32_t k = 0; k < function->operand_count; k++)
			letters +=
				strlen(debug_operand(info, function->first_operand + k)->name);
		debug_function_at(info, function->low);
	}
	for (size_t i = 0; i < debug_variable_count(info); i++)
		letters += strlen(debug_variable(info, i)->name);
	cr_assert_gt(letters, 0u);
}

/* What somebody who also repairs the checksum can do. */
static void damage(struct flat *flat, uint64_t *state)
{
	struct {
		void *bytes;
		size_t size;
	} arrays[] = {
#define DAMAGE_ARRAY(name, type) {flat->name.items, flat->name.count * sizeof(type)},
		FLAT_ARRAYS(DAMAGE_ARRAY)
#undef DAMAGE_ARRAY
	};

	for (int i = 0; i < 3; i++) {
		size_t array, at;

		*state = *state * 6364136223846793005ull + 1442695040888963407ull;
		array = (size_t)(*state >> 33) % ARRAY_COUNT(arrays);
		at = (size_t)(*state >> 20) % (arrays[array].size + 1);
		if (at < arrays[array].size)
			((uint8_t *)arrays[array].bytes)[at] ^= (uint8_t)(*state >> 12);
	}
}

Test(debug_cache, survives_records_that_were_tampered_with)
{
	uint64_t state = 7;
	int accepted = 0;

	for (int round = 0; round < 3000; round++) {
		struct debug_info *info = calloc(1, sizeof(*info));
		struct flat flat;

		cr_assert(read_cache(&flat));
		damage(&flat, &state);
		if (flat_is_valid(&flat)) {
			accepted++;
			cr_assert(debug_tables_fill(info, &flat));
			query_all(info);
		}
		flat_release(&flat);
		debug_info_close(info);
	}
	cr_assert_gt(accepted, 100);
}
