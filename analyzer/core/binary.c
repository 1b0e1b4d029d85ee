/*
 * Opening: libelf finds the headers and sections.  Everything after that reads the mapped
 * file: see binary_parts.c.
 */
#include "core/binary.h"

#include "core/binary_parts.h"
#include "core/bytes.h"
#include "core/file_kind.h"
#include "core/note.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>

#define LONGEST_SECTION_NAME 256u

static void add_segment(struct binary *binary, const GElf_Phdr *header)
{
	struct binary_segment segment = {
		.address = header->p_vaddr,
		.file_offset = header->p_offset,
		.file_size = header->p_filesz,
		.memory_size = header->p_memsz,
		.writable = header->p_flags & PF_W,
		.executable = header->p_flags & PF_X,
	};

	if (!span_fits(header->p_vaddr, header->p_memsz, UINT64_MAX))
		return;
	if (header->p_memsz)
		vector_push(&binary->segments, segment);
}

static void add_note(struct binary *binary, uint64_t offset, uint64_t size, uint64_t alignment)
{
	if (binary->build_id.size == 0 && span_fits(offset, size, binary->file.size))
		note_find_build_id(
			(struct note_cursor){binary->file.bytes + offset, size, alignment},
			&binary->build_id);
}

static bool read_segments(struct binary *binary, Elf *elf, struct error *err)
{
	size_t count;

	if (elf_getphdrnum(elf, &count) || count > INT32_MAX)
		return error_set(err, ERROR_FORMAT, "%s: damaged ELF file: no program headers",
				 binary->path);
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header))
			return error_set(err, ERROR_FORMAT,
					 "%s: damaged ELF file: program header %zu cannot be "
					 "read; install the file anew",
					 binary->path, i);
		if (header.p_type == PT_LOAD)
			add_segment(binary, &header);
		else if (header.p_type == PT_NOTE)
			add_note(binary, header.p_offset, header.p_filesz, header.p_align);
	}
	return true;
}

/* A name in the table of section names, "" if it is not there. */
static const char *section_name(const struct binary *binary, const GElf_Shdr *names,
				uint32_t offset)
{
	uint64_t size = names->sh_size < binary->file.size ? names->sh_size : 0;
	const char *name;

	if (offset >= size || !span_fits(names->sh_offset, size, binary->file.size))
		return "";
	name = (const char *)binary->file.bytes + names->sh_offset + offset;
	size -= offset;
	if (size > LONGEST_SECTION_NAME)
		size = LONGEST_SECTION_NAME;
	return strnlen(name, size) < size ? name : "";
}

static void add_section(struct binary *binary, const GElf_Shdr *header, const GElf_Shdr *names)
{
	struct section section = {
		.name = section_name(binary, names, header->sh_name),
		.address = header->sh_addr,
		.offset = header->sh_offset,
		.size = header->sh_size,
		.flags = header->sh_flags,
		.type = header->sh_type,
		.link = header->sh_link,
	};

	// A section that is not all there is kept, empty, for the sake of the numbering.
	if (section.type != SHT_NOBITS &&
	    !span_fits(section.offset, section.size, binary->file.size))
		section.size = section.offset = 0;
	if (section.type == SHT_NOTE)
		add_note(binary, section.offset, section.size, header->sh_addralign);
	vector_push(&binary->sections, section);
}

/* A binary without section headers is a poor one, not a damaged one. */
static void read_sections(struct binary *binary, Elf *elf)
{
	GElf_Shdr names = {0}, header;
	size_t names_index;
	Elf_Scn *scn;

	if (!elf_getshdrstrndx(elf, &names_index) && (scn = elf_getscn(elf, names_index)))
		if (!gelf_getshdr(scn, &names))
			names.sh_size = 0;
	for (size_t i = 0; (scn = elf_getscn(elf, i)) && gelf_getshdr(scn, &header); i++)
		add_section(binary, &header, &names);
}

static bool read_headers(struct binary *binary, struct error *err)
{
	Elf *elf;
	bool done;

	elf_version(EV_CURRENT);
	// libelf only reads what it was not told to change.
	elf = elf_memory((char *)(uintptr_t)binary->file.bytes, binary->file.size);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		return error_set(err, ERROR_FORMAT, "%s: damaged ELF file: %s; install it anew",
				 binary->path, elf_errmsg(-1));
	}
	// Sections first: in a detached debug file the segments point to bytes that are gone.
	read_sections(binary, elf);
	done = read_segments(binary, elf, err);
	elf_end(elf);
	if (done && (binary->segments.failed || binary->sections.failed))
		return error_out_of_memory(err, "reading the headers of a binary");
	return done;
}

static struct binary *create(const char *path)
{
	CLEANUP(binary_closep) struct binary *binary = calloc(1, sizeof(*binary));

	if (!binary || !(binary->path = strdup(path)))
		return NULL;
	binary->tables = calloc(1, sizeof(*binary->tables));
	if (!binary->tables)
		return NULL;
	pthread_mutex_init(&binary->tables->lock, NULL);
	return TAKE(binary);
}

struct binary *binary_open(const char *path, struct error *err)
{
	CLEANUP(binary_closep) struct binary *binary = create(path);

	if (!binary) {
		error_out_of_memory(err, "opening a binary");
		return NULL;
	}
	if (!file_map_open(&binary->file, path, err))
		return NULL;
	if (!check_machine(&binary->file, path, "an executable, library or debug file", err))
		return NULL;
	if (load_u16(binary->file.bytes + 16) == ET_CORE) {
		error_set(err, ERROR_FORMAT, "%s: is a core; give an executable or library",
			  path);
		return NULL;
	}
	return read_headers(binary, err) ? TAKE(binary) : NULL;
}

/* What the tools leave in the headers of a detached file's segments is of no use. */
static void forget_bytes(struct binary *binary)
{
	addr_t start = page_floor(binary->segments.items[0].address);

	vector_each (&binary->segments, segment) {
		segment->file_offset = segment->address - start;
		segment->file_size = 0;
	}
	binary->detached = true;
}

struct binary *binary_open_detached(const char *path, struct error *err)
{
	struct binary *binary = binary_open(path, err);

	if (binary && binary->segments.count)
		forget_bytes(binary);
	return binary;
}

void binary_close(struct binary *binary)
{
	if (!binary)
		return;
	if (binary->tables) {
		symbol_table_free(binary->tables->symbols);
		vector_release(&binary->tables->relocations);
		pthread_mutex_destroy(&binary->tables->lock);
		free(binary->tables);
	}
	vector_release(&binary->segments);
	vector_release(&binary->sections);
	file_map_close(&binary->file);
	free(binary->path);
	free(binary);
}
