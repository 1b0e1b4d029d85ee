/*
 * A process that has one compiled library mapped, as the kernel would have dumped it: the
 * page with the ELF header and what was written to, nothing else.
 */
#include "support/compiled.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

#define BASE 0x7f0000000000u

static const char *const source = "const char text[] = \"constant\";\n"
				  "int data[3000] = {7};\n"
				  "int bss[50000];\n"
				  "int entry(void) { return data[0]; }\n";

struct process {
	struct compiled library;
	struct binary *binary;
	struct core_builder *core;
};

static addr_t page(addr_t address)
{
	return address & ~0xfffull;
}

/* Whether a writable segment's bytes are in the core, and whether it ends early. */
enum data { DATA_LEFT_OUT, DATA_HALF_DUMPED };

static void map_segments(struct process *process, enum data data)
{
	for (size_t i = 0; i < binary_segment_count(process->binary); i++) {
		const struct binary_segment *segment = binary_segment(process->binary, i);
		addr_t start = page(segment->address);
		addr_t end = page(segment->address + segment->file_size + 4095);
		struct core_load load = {
			.address = BASE + start,
			.memory_size = end - start,
			.flags = segment->writable     ? "rw"
				 : segment->executable ? "rx"
						       : "r",
		};
		uint64_t size;

		if (segment->file_offset == 0) {
			load.bytes = binary_bytes(process->binary, &size);
			load.size = 4096;
		}
		if (segment->writable && data == DATA_HALF_DUMPED)
			load.size = 8192;
		core_load(process->core, load);
		core_file(process->core, (struct core_file){BASE + start, BASE + end,
							    page(segment->file_offset),
							    process->library.path});
	}
}

static bool start(struct process *process, enum data data)
{
	struct error err = {0};
	struct binary_symbol entry;

	if (!compiled_library(&process->library, source, ""))
		return false;
	process->binary = binary_open(process->library.path, &err);
	cr_assert(process->binary, "%s", err.message);
	process->core = core_create();
	cr_assert(binary_symbol(process->binary, "entry", &entry));
	core_auxiliary(process->core, AT_ENTRY, BASE + entry.address);
	map_segments(process, data);
	return true;
}

static void finish(struct process *process)
{
	core_free(process->core);
	binary_close(process->binary);
	compiled_remove(&process->library);
}

static addr_t address_of(const struct process *process, const char *name)
{
	struct binary_symbol symbol;

	cr_assert(binary_symbol(process->binary, name, &symbol));
	return BASE + symbol.address;
}

/* Opens it after something was done to the file; the caller looks at the sentence. */
static struct error refusal_of(struct process *process, const char *executable)
{
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .executable = executable};

	cr_assert_null(image_open_core(core_write(process->core), &options, &err));
	cr_assert_eq(err.kind, ERROR_INPUT);
	anomalies_free(anomalies);
	return err;
}

static void run(const char *format, const char *path)
{
	char command[256];

	snprintf(command, sizeof(command), format, path);
	cr_assert_eq(system(command), 0);
}

Test(files, lends_its_bytes_where_the_core_left_them_out)
{
	struct process process;
	struct image *image;
	char text[9];
	uint8_t byte = 1;
	uint32_t word = 0;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	image = core_open(process.core, NULL);
	cr_assert(image_read_string(image, address_of(&process, "text"), text, sizeof(text)));
	cr_assert_str_eq(text, "constant");
	cr_assert(image_read_u32(image, address_of(&process, "data"), &word));
	cr_assert_eq(word, 7u);
	cr_assert(image_read_u8(image, address_of(&process, "bss") + 199999, &byte));
	cr_assert_eq(byte, 0u);
	cr_assert_str_eq(image_process(image)->executable, process.library.path);
	image_close(image);
	finish(&process);
}

Test(files, zeros_end_where_the_bss_ends)
{
	struct process process;
	struct image *image;
	addr_t end;
	uint8_t byte;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	image = core_open(process.core, NULL);
	end = BASE + binary_span(process.binary).end;
	cr_assert(image_read_u8(image, end - 1, &byte));
	cr_assert(!image_read_u8(image, end, &byte));
	cr_assert_eq(image_file_at(image, end - 1), image_file(image, 0));
	cr_assert_null(image_file_at(image, end));
	cr_assert_eq(image_file(image, 0)->base, BASE);
	image_close(image);
	finish(&process);
}

Test(files, never_replaces_written_data_that_is_missing)
{
	struct process process;
	struct image *image;
	uint32_t word;

	if (!start(&process, DATA_HALF_DUMPED))
		return;
	image = core_open(process.core, NULL);
	cr_assert(!image_read_u32(image, address_of(&process, "data") + 11000, &word));
	image_close(image);
	finish(&process);
}

Test(files, refuses_an_executable_that_was_rebuilt)
{
	struct process process;
	struct error err;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	run("cd $(dirname %s) && echo 'int other;' > source.c && "
	    "cc -shared -fPIC -Wl,--build-id=sha1 -o new source.c && mv new lib.so",
	    process.library.path);
	err = refusal_of(&process, NULL);
	cr_assert(strstr(err.message, "build-id"), "%s", err.message);
	cr_assert(strstr(err.message, "--exe"), "%s", err.message);
	finish(&process);
}

Test(files, refuses_an_executable_that_is_gone)
{
	struct process process;
	struct error err;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	run("rm %s", process.library.path);
	err = refusal_of(&process, NULL);
	cr_assert(strstr(err.message, "--sysroot"), "%s", err.message);
	finish(&process);
}

Test(files, refuses_the_wrong_executable_even_when_it_was_asked_for)
{
	struct process process;
	struct error err;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	err = refusal_of(&process, "/proc/self/exe");
	cr_assert(strstr(err.message, "/proc/self/exe"), "%s", err.message);
	finish(&process);
}

static struct binary *open_debug_file(const void *context, const struct build_id *id,
				      const char *root)
{
	struct error err = {0};
	struct binary *binary = binary_open_detached(context, &err);

	cr_assert(binary, "%s", err.message);
	cr_assert(build_id_equal(id, binary_build_id(binary)));
	cr_assert_str_eq(root, "");
	return binary;
}

Test(files, has_the_symbols_of_a_debug_file_where_the_executable_is_gone)
{
	struct process process;
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {
		.anomalies = anomalies, .partial = true, .find_detached = open_debug_file};
	struct binary_symbol symbol;
	const struct image_file *file;
	struct image *image;
	char path[96];
	uint32_t word;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	snprintf(path, sizeof(path), "%s.debug", process.library.path);
	run("objcopy --only-keep-debug %1$s %1$s.debug && rm %1$s", process.library.path);
	options.context = path;
	image = image_open_core(core_write(process.core), &options, &err);
	unlink(path);
	cr_assert(image, "%s", err.message);
	file = image_file(image, 0);
	cr_assert_eq(file->state, IMAGE_FILE_GONE);
	cr_assert_eq(file->span.end, BASE + binary_span(process.binary).end);
	cr_assert(binary_symbol(file->binary, "data", &symbol));
	cr_assert_eq(BASE + symbol.address, address_of(&process, "data"));
	cr_assert_null(binary_view(file->binary, symbol.address, 4));
	cr_assert(!image_read_u32(image, address_of(&process, "data"), &word));
	image_close(image);
	anomalies_free(anomalies);
	finish(&process);
}

/* The second folder has it, under its name; a file of another build there would not do. */
Test(files, finds_by_name_in_other_folders_what_is_not_where_it_was)
{
	struct process process;
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	char folder[] = "/tmp/heapsect-libraries.XXXXXX", command[256];
	const char *const folders[] = {"/nonexistent", folder, NULL};
	struct image_options options = {.anomalies = anomalies, .library_dirs = folders};
	struct image *image;
	uint32_t word = 0;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	cr_assert(mkdtemp(folder));
	snprintf(command, sizeof(command), "mv %s %s", process.library.path, folder);
	cr_assert_eq(system(command), 0);
	image = image_open_core(core_write(process.core), &options, &err);
	cr_assert(image, "%s", err.message);
	cr_assert_eq(image_file(image, 0)->state, IMAGE_FILE_FOUND);
	cr_assert(image_read_u32(image, address_of(&process, "data"), &word));
	cr_assert_eq(word, 7u);
	image_close(image);
	run("rm -r %s", folder);
	anomalies_free(anomalies);
	finish(&process);
}

Test(files, goes_on_without_the_executable_when_asked_to)
{
	struct process process;
	struct error err = {0};
	struct anomalies *anomalies = anomalies_create();
	struct image_options options = {.anomalies = anomalies, .partial = true};
	struct image *image;
	uint8_t byte;

	if (!start(&process, DATA_LEFT_OUT))
		return;
	run("rm %s", process.library.path);
	image = image_open_core(core_write(process.core), &options, &err);
	cr_assert(image, "%s", err.message);
	cr_assert_eq(image_file(image, 0)->state, IMAGE_FILE_GONE);
	cr_assert_null(image_file(image, 0)->binary);
	cr_assert_gt(image_file(image, 0)->build_id.size, 0u);
	cr_assert_eq(anomalies_count(anomalies), 2u);
	cr_assert(!image_read_u8(image, address_of(&process, "data"), &byte));
	image_close(image);
	anomalies_free(anomalies);
	finish(&process);
}
