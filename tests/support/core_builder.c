#include "support/core_builder.h"

#include "base/vector.h"
#include "core/bytes.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

struct bytes {
	uint8_t *items;
	size_t count, capacity;
	bool failed;
};

struct patch {
	uint64_t offset;
	uint8_t bytes[64];
	size_t size;
};

struct core_builder {
	VECTOR_OF(struct core_load) loads;
	VECTOR_OF(struct core_file) files;
	VECTOR_OF(struct patch) patches;
	struct bytes notes, auxiliary;
	bool extended_count;
	uint64_t missing;
	char path[64];
	struct anomalies *anomalies;
};

struct core_builder *core_create(void)
{
	struct core_builder *core = calloc(1, sizeof(*core));

	cr_assert(core);
	return core;
}

void core_free(struct core_builder *core)
{
	if (core->path[0])
		unlink(core->path);
	anomalies_free(core->anomalies);
	vector_release(&core->loads);
	vector_release(&core->files);
	vector_release(&core->patches);
	vector_release(&core->notes);
	vector_release(&core->auxiliary);
	free(core);
}

static void append(struct bytes *list, const void *bytes, size_t size)
{
	cr_assert(vector_reserve(list, size));
	if (bytes)
		memcpy(list->items + list->count, bytes, size);
	else
		memset(list->items + list->count, 0, size);
	list->count += size;
}

static void append_number(struct bytes *list, uint64_t value, size_t size)
{
	append(list, &value, size);
}

static void pad(struct bytes *list, size_t unit)
{
	while (list->count % unit)
		append_number(list, 0, 1);
}

void core_load(struct core_builder *core, struct core_load load)
{
	if (!load.memory_size)
		load.memory_size = load.size;
	if (!load.flags)
		load.flags = "rw";
	vector_push(&core->loads, load);
}

void core_file(struct core_builder *core, struct core_file file)
{
	vector_push(&core->files, file);
}

void core_note(struct core_builder *core, uint32_t type, const void *bytes, uint32_t size)
{
	append_number(&core->notes, 5, 4);
	append_number(&core->notes, size, 4);
	append_number(&core->notes, type, 4);
	append(&core->notes, "CORE\0\0\0", 8);
	append(&core->notes, bytes, size);
	pad(&core->notes, 4);
}

void core_thread(struct core_builder *core, uint32_t id, uint32_t signal, uint64_t rip)
{
	uint8_t status[336] = {0};

	memcpy(status + 12, &signal, 2);
	memcpy(status + 32, &id, 4);
	memcpy(status + 112 + REGISTER_RIP * 8, &rip, 8);
	core_note(core, NT_PRSTATUS, status, sizeof(status));
}

void core_process(struct core_builder *core, uint32_t pid, const char *command_line)
{
	uint8_t info[136] = {0};

	memcpy(info + 24, &pid, 4);
	memcpy(info + 56, command_line, strnlen(command_line, 80));
	core_note(core, NT_PRPSINFO, info, sizeof(info));
}

void core_auxiliary(struct core_builder *core, uint64_t type, uint64_t value)
{
	append_number(&core->auxiliary, type, 8);
	append_number(&core->auxiliary, value, 8);
}

void core_use_extended_count(struct core_builder *core)
{
	core->extended_count = true;
}

void core_truncate(struct core_builder *core, uint64_t missing)
{
	core->missing = missing;
}

void core_patch(struct core_builder *core, uint64_t offset, const void *bytes, size_t size)
{
	struct patch patch = {.offset = offset, .size = size};

	cr_assert_leq(size, sizeof(patch.bytes));
	memcpy(patch.bytes, bytes, size);
	vector_push(&core->patches, patch);
}

static void note_files(struct core_builder *core)
{
	struct bytes note = {0};

	append_number(&note, core->files.count, 8);
	append_number(&note, 4096, 8);
	vector_each (&core->files, file) {
		append_number(&note, file->start, 8);
		append_number(&note, file->end, 8);
		append_number(&note, file->offset / 4096, 8);
	}
	vector_each (&core->files, file)
		append(&note, file->path, strlen(file->path) + 1);
	core_note(core, NT_FILE, note.items, (uint32_t)note.count);
	vector_release(&note);
}

static void append_program_header(struct bytes *file, uint32_t type, uint32_t flags,
				  uint64_t offset, const struct core_load *load)
{
	append_number(file, type, 4);
	append_number(file, flags, 4);
	append_number(file, offset, 8);
	append_number(file, load->address, 8);
	append_number(file, 0, 8);
	append_number(file, load->size, 8);
	append_number(file, load->memory_size, 8);
	append_number(file, 1, 8);
}

static uint32_t flags_of(const char *text)
{
	return (strchr(text, 'r') ? PF_R : 0u) | (strchr(text, 'w') ? PF_W : 0u) |
	       (strchr(text, 'x') ? PF_X : 0u);
}

static void append_header(const struct core_builder *core, struct bytes *file)
{
	static const uint8_t identity[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	size_t count = core->loads.count + 1;

	append(file, identity, sizeof(identity));
	append_number(file, ET_CORE, 2);
	append_number(file, EM_X86_64, 2);
	append_number(file, 1, 4);
	append_number(file, 0, 8);
	append_number(file, core->extended_count ? 128 : 64, 8);
	append_number(file, core->extended_count ? 64 : 0, 8);
	append_number(file, 0, 4);
	append_number(file, 64, 2);
	append_number(file, 56, 2);
	append_number(file, core->extended_count ? PN_XNUM : count, 2);
	append_number(file, 0, 6);
	if (!core->extended_count)
		return;
	append(file, NULL, 44);
	append_number(file, count, 4);
	append(file, NULL, 16);
}

static void append_all(struct core_builder *core, struct bytes *file)
{
	struct core_load notes = {.size = core->notes.count};
	uint64_t offset;

	append_header(core, file);
	offset = file->count + 56 * (core->loads.count + 1);
	append_program_header(file, PT_NOTE, PF_R, offset, &notes);
	offset += core->notes.count;
	vector_each (&core->loads, load) {
		append_program_header(file, PT_LOAD, flags_of(load->flags), offset, load);
		offset += load->size;
	}
	append(file, core->notes.items, core->notes.count);
	vector_each (&core->loads, load)
		append(file, load->bytes, load->size);
	vector_each (&core->patches, patch)
		memcpy(file->items + patch->offset, patch->bytes, patch->size);
}

const char *core_write(struct core_builder *core)
{
	struct bytes file = {0};
	int descriptor;

	if (core->files.count)
		note_files(core);
	if (core->auxiliary.count)
		core_note(core, NT_AUXV, core->auxiliary.items,
			  (uint32_t)core->auxiliary.count);
	append_all(core, &file);
	cr_assert(core->missing <= file.count);
	snprintf(core->path, sizeof(core->path), "/tmp/heapsect-core.XXXXXX");
	descriptor = mkstemp(core->path);
	cr_assert(descriptor >= 0);
	cr_assert_eq(write(descriptor, file.items, file.count - core->missing),
		     (ssize_t)(file.count - core->missing));
	close(descriptor);
	vector_release(&file);
	return core->path;
}

struct image *core_open(struct core_builder *core, struct anomalies **ret)
{
	struct error err = {0};
	struct image_options options = {0};
	struct image *image;

	core->anomalies = anomalies_create();
	options.anomalies = core->anomalies;
	image = image_open_core(core_write(core), &options, &err);
	cr_assert(image, "%s", err.message);
	if (ret)
		*ret = core->anomalies;
	return image;
}
