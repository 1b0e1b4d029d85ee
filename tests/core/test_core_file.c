#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

/* Opens what was built and expects that to fail; the caller looks at the sentence. */
static struct error refusal_of(struct core_builder *core, bool partial)
{
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .partial = partial};
	struct image *image = image_open_core(core_write(core), &options, &err);

	cr_assert_null(image);
	cr_assert_eq(err.kind, ERROR_FORMAT);
	anomalies_free(anomalies);
	core_free(core);
	return err;
}

static struct core_builder *small_core(void)
{
	struct core_builder *core = core_create();

	core_thread(core, 77, 6, 0x1004);
	core_process(core, 70, "prog --flag");
	core_auxiliary(core, AT_PAGESZ, 4096);
	core_load(core, (struct core_load){.address = 0x1000, .bytes = "abcdefgh", .size = 8});
	return core;
}

static bool has_anomaly(const struct anomalies *anomalies, const char *part)
{
	for (size_t i = 0; i < anomalies_count(anomalies); i++)
		if (strstr(anomalies_get(anomalies, i)->message, part))
			return true;
	return false;
}

/* Writes text to a file, opens it as a core, and keeps the sentence. */
static struct error refusal_of_bytes(const char *bytes, size_t size)
{
	char path[] = "/tmp/heapsect-bytes.XXXXXX";
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies};
	int descriptor = mkstemp(path);

	cr_assert_eq(write(descriptor, bytes, size), (ssize_t)size);
	close(descriptor);
	cr_assert_null(image_open_core(path, &options, &err));
	unlink(path);
	anomalies_free(anomalies);
	return err;
}

Test(core_file, reads_threads_process_and_auxiliary_vector)
{
	struct core_builder *core = small_core();
	struct image *image;
	uint64_t value;

	core_thread(core, 78, 0, 0x2000);
	image = core_open(core, NULL);
	cr_assert_eq(image_thread_count(image), 2u);
	cr_assert_eq(image_thread(image, 0)->id, 77u);
	cr_assert_eq(image_thread(image, 0)->registers[REGISTER_RIP], 0x1004u);
	cr_assert_eq(image_process(image)->signal, 6u);
	cr_assert_eq(image_process(image)->pid, 70u);
	cr_assert_str_eq(image_process(image)->command_line, "prog --flag");
	cr_assert(image_auxiliary(image, AT_PAGESZ, &value));
	cr_assert_eq(value, 4096u);
	cr_assert(!image_auxiliary(image, AT_ENTRY, &value));
	image_close(image);
	core_free(core);
}

Test(core_file, reads_more_than_65535_program_headers)
{
	struct core_builder *core = core_create();
	struct image *image;
	uint8_t byte = 0;

	for (size_t i = 0; i < 66000; i++)
		core_load(core, (struct core_load){.address = 0x10000 + i * 0x10,
						   .bytes = "x",
						   .size = 1});
	core_use_extended_count(core);
	image = core_open(core, NULL);
	cr_assert_eq(image_segment_count(image), 66000u);
	cr_assert(image_read_u8(image, 0x10000 + 65999 * 0x10, &byte));
	cr_assert_eq(byte, 'x');
	cr_assert_eq(image_dumped_bytes(image), 66000u);
	image_close(image);
	core_free(core);
}

Test(core_file, says_how_much_of_a_truncated_core_is_there)
{
	struct core_builder *core = small_core();
	struct error err;

	core_truncate(core, 3);
	err = refusal_of(core, false);
	cr_assert(strstr(err.message, "truncated"), "%s", err.message);
	cr_assert(strstr(err.message, "--partial"), "%s", err.message);
}

Test(core_file, names_no_total_where_nobody_knows_it)
{
	struct core_builder *core = small_core();
	uint16_t count = 999;
	struct error err;

	core_patch(core, 56, &count, 2);
	err = refusal_of(core, false);
	cr_assert(strstr(err.message, "end before its list of segments does"), "%s",
		  err.message);
	cr_assert_null(strstr(err.message, "bytes are there"));
}

Test(core_file, says_that_a_truncated_core_has_no_memory_left)
{
	struct core_builder *core = small_core();

	core_truncate(core, 8);
	cr_assert(strstr(refusal_of(core, true).message, "there is no memory in its"));
}

Test(core_file, goes_on_with_what_is_there_when_asked_to)
{
	struct core_builder *core = small_core();
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .partial = true};
	struct error err = {0};
	struct image *image;
	char text[8];

	core_truncate(core, 3);
	image = image_open_core(core_write(core), &options, &err);
	cr_assert(image, "%s", err.message);
	cr_assert(has_anomaly(anomalies, "3 bytes of memory are missing"));
	cr_assert(image_read(image, 0x1000, text, 5));
	cr_assert_arr_eq(text, "abcde", 5);
	cr_assert(!image_read(image, 0x1000, text, 6));
	cr_assert_eq(image_dumped_bytes(image), 5u);
	image_close(image);
	anomalies_free(anomalies);
	core_free(core);
}

Test(core_file, names_the_other_machine)
{
	struct core_builder *core = small_core();
	uint16_t machine = EM_AARCH64;
	struct error err;

	core_patch(core, 18, &machine, 2);
	err = refusal_of(core, true);
	cr_assert(strstr(err.message, "AArch64"), "%s", err.message);
}

Test(core_file, names_the_other_byte_order)
{
	static const struct {
		uint8_t bytes[2];
		const char *name;
	} machines[] = {{{0, EM_PPC64}, "big-endian, for PowerPC64"},
			{{EM_X86_64, 0}, "big-endian, for another machine"}};
	const uint8_t order = ELFDATA2MSB;

	for (size_t i = 0; i < ARRAY_COUNT(machines); i++) {
		struct core_builder *core = small_core();
		struct error err;

		core_patch(core, EI_DATA, &order, 1);
		core_patch(core, 18, machines[i].bytes, 2);
		err = refusal_of(core, true);
		cr_assert(strstr(err.message, machines[i].name), "%s", err.message);
	}
}

Test(core_file, refuses_an_executable_by_name)
{
	struct core_builder *core = small_core();
	uint16_t type = ET_EXEC;
	struct error err;

	core_patch(core, 16, &type, 2);
	err = refusal_of(core, true);
	cr_assert(strstr(err.message, "an ELF executable, not a core"), "%s", err.message);
}

Test(core_file, says_what_a_file_is_that_is_no_core)
{
	cr_assert(strstr(refusal_of_bytes("hello\n", 6).message, "a text file"));
	cr_assert(strstr(refusal_of_bytes("", 0).message, "empty"));
	cr_assert(strstr(refusal_of_bytes("\x7f", 1).message, "first few bytes"));
	cr_assert(strstr(refusal_of_bytes("\x7f"
					  "ELF",
					  4)
				 .message,
			 "first few bytes"));
	cr_assert_eq(refusal_of_bytes("hello\n", 6).kind, ERROR_FORMAT);
}

Test(core_file, says_how_to_decompress_a_compressed_core)
{
	cr_assert(strstr(refusal_of_bytes("\x1f\x8b\x08\0\0", 5).message, "gzip -d"));
	cr_assert(strstr(refusal_of_bytes("\x28\xb5\x2f\xfd\0", 5).message, "zstd -d"));
	cr_assert(strstr(refusal_of_bytes("\x04\x22\x4d\x18\0", 5).message, "lz4 -d"));
	cr_assert(strstr(refusal_of_bytes("\xfd"
					  "7zXZ\0",
					  6)
				 .message,
			 "xz -d"));
}

Test(core_file, refuses_a_core_without_memory)
{
	struct core_builder *core = core_create();

	core_load(core, (struct core_load){.address = 0x1000, .memory_size = 0x1000});
	cr_assert(strstr(refusal_of(core, true).message, "coredump_filter"));
}

Test(core_file, refuses_what_is_no_regular_file)
{
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies};

	cr_assert_null(image_open_core("/", &options, &err));
	cr_assert_eq(err.kind, ERROR_INPUT);
	cr_assert(strstr(err.message, "a folder"), "%s", err.message);
	anomalies_free(anomalies);
}

Test(core_file, survives_notes_that_lie_about_their_size)
{
	struct core_builder *core = core_create();
	uint64_t many[2] = {UINT64_MAX / 24, 4096};
	struct anomalies *anomalies;
	struct image *image;

	core_note(core, NT_FILE, many, sizeof(many));
	core_note(core, NT_PRSTATUS, many, sizeof(many));
	core_load(core, (struct core_load){.address = 0x1000, .bytes = "a", .size = 1});
	image = core_open(core, &anomalies);
	cr_assert_eq(image_file_count(image), 0u);
	cr_assert_eq(image_thread_count(image), 0u);
	cr_assert(has_anomaly(anomalies, "list of files is cut off"));
	cr_assert(has_anomaly(anomalies, "note is too short"));
	image_close(image);
	core_free(core);
}

/* Every byte of a small core's headers and notes, set to every interesting value. */
Test(core_file, survives_any_single_damaged_byte)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .partial = true};

	for (uint64_t at = 0; at < 1000; at++) {
		for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
			struct core_builder *core = small_core();
			struct error err = {0};
			struct image *image;
			uint8_t byte;

			core_file(core, (struct core_file){0x1000, 0x2000, 0, "/nowhere"});
			core_patch(core, at, &values[i], 1);
			image = image_open_core(core_write(core), &options, &err);
			if (image)
				image_read_u8(image, 0x1000, &byte);
			cr_assert(image || err.kind != ERROR_NONE);
			image_close(image);
			core_free(core);
		}
	}
	anomalies_free(anomalies);
}
