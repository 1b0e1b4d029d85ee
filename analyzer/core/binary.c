/*
 * libelf finds the headers and sections while a binary is opened; everything after that
 * reads the mapped file.
 */
#include "core/binary.h"

#include "base/arena.h"
#include "base/vector.h"
#include "core/bytes.h"
#include "core/file_kind.h"
#include "core/file_map.h"
#include "core/note.h"
#include "core/relocations.h"
#include "core/symbols.h"

#include <gelf.h>
#include <libelf.h>
#include <pthread.h>
#include <stdlib.h>

#define LONGEST_SECTION_NAME 256u

struct section {
	const char *name;
	addr_t address;
	uint64_t offset, size, flags;
	uint32_t type, link;
};

/* Read when first asked for, under the lock. */
struct tables {
	pthread_mutex_t lock;
	bool symbols_read, relocations_read;
	struct symbol_table *symbols; /* NULL: out of memory */
	struct relocations relocations;
};

struct binary {
	char *path;
	struct file_map file;
	struct build_id build_id;
	VECTOR_OF(struct binary_segment)
	segments;
	VECTOR_OF(struct section)
	sections; /* whose bytes are all in the file, or NOBITS */
	struct binary_segment tls;
	bool has_tls;
	struct tables *tables;
};

bool build_id_equal(const struct build_id *left, const struct build_id *right)
{
	return left->size == right->size && !memcmp(left->bytes, right->bytes, left->size);
}

void build_id_format(const struct build_id *id, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < id->size && i < BUILD_ID_MAX; i++) {
		*ret++ = digits[id->bytes[i] >> 4];
		*ret++ = digits[id->bytes[i] & 15];
	}
	*ret = '\0';
}

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
	if (header->p_type == PT_TLS) {
		binary->tls = segment;
		binary->has_tls = true;
	} else if (header->p_memsz) {
		vector_push(&binary->segments, segment);
	}
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
		if (header.p_type == PT_LOAD || header.p_type == PT_TLS)
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

const char *binary_path(const struct binary *binary)
{
	return binary->path;
}

const uint8_t *binary_bytes(const struct binary *binary, uint64_t *ret_size)
{
	*ret_size = binary->file.size;
	return binary->file.bytes;
}

const struct build_id *binary_build_id(const struct binary *binary)
{
	return &binary->build_id;
}

static const struct section *find_section(const struct binary *binary, const char *name)
{
	vector_each(&binary->sections, section)
		if (!strcmp(section->name, name))
			return section;
	return NULL;
}

bool binary_has_section(const struct binary *binary, const char *name)
{
	return find_section(binary, name) != NULL;
}

const uint8_t *binary_section(const struct binary *binary, const char *name,
			      addr_t *ret_address, uint64_t *ret_size)
{
	const struct section *section = find_section(binary, name);

	if (!section || section->type == SHT_NOBITS)
		return NULL;
	*ret_address = section->address;
	*ret_size = section->size;
	return binary->file.bytes + section->offset;
}

bool binary_debug_link(const struct binary *binary, const char **ret_name, uint32_t *ret_crc)
{
	addr_t address;
	uint64_t size, length;
	const uint8_t *bytes = binary_section(binary, ".gnu_debuglink", &address, &size);

	if (!bytes)
		return false;
	// The name, NUL, padding to 4, the checksum.
	length = strnlen((const char *)bytes, size);
	if (length == 0 || !span_fits((length + 4) & ~3ull, 4, size))
		return false;
	*ret_name = (const char *)bytes;
	*ret_crc = load_u32(bytes + ((length + 4) & ~3ull));
	return true;
}

size_t binary_segment_count(const struct binary *binary)
{
	return binary->segments.count;
}

const struct binary_segment *binary_segment(const struct binary *binary, size_t index)
{
	return &binary->segments.items[index];
}

struct address_range binary_span(const struct binary *binary)
{
	struct address_range span = {UINT64_MAX, 0};

	vector_each(&binary->segments, segment) {
		if (segment->address < span.start)
			span.start = segment->address;
		if (segment->address + segment->memory_size > span.end)
			span.end = segment->address + segment->memory_size;
	}
	return span.start < span.end ? span : (struct address_range){0, 0};
}

bool binary_tls(const struct binary *binary, struct binary_segment *ret)
{
	if (binary->has_tls)
		*ret = binary->tls;
	return binary->has_tls;
}

const uint8_t *binary_view(const struct binary *binary, addr_t address, size_t size)
{
	vector_each(&binary->segments, segment) {
		uint64_t offset = address - segment->address;

		if (!span_fits(offset, size, segment->file_size))
			continue;
		if (span_fits(segment->file_offset, segment->file_size, binary->file.size))
			return binary->file.bytes + segment->file_offset + offset;
	}
	return NULL;
}

static struct symbol_source source_of(const struct binary *binary, uint32_t type)
{
	vector_each(&binary->sections, section) {
		const struct section *strings;

		if (section->type != type || section->link >= binary->sections.count)
			continue;
		strings = &binary->sections.items[section->link];
		if (strings->type != SHT_STRTAB)
			continue;
		return (struct symbol_source){
			.symbols = binary->file.bytes + section->offset,
			.symbols_size = section->size,
			.strings = binary->file.bytes + strings->offset,
			.strings_size = strings->size,
		};
	}
	return (struct symbol_source){0};
}

static const struct symbol_table *symbols_of(const struct binary *binary)
{
	struct tables *tables = binary->tables;
	const struct symbol_table *symbols;

	pthread_mutex_lock(&tables->lock);
	if (!tables->symbols_read) {
		struct symbol_source sources[] = {source_of(binary, SHT_SYMTAB),
						  source_of(binary, SHT_DYNSYM)};

		tables->symbols = symbol_table_create(sources, ARRAY_COUNT(sources));
		tables->symbols_read = true;
	}
	symbols = tables->symbols;
	pthread_mutex_unlock(&tables->lock);
	return symbols;
}

bool binary_symbol(const struct binary *binary, const char *name, struct binary_symbol *ret)
{
	const struct symbol_table *table = symbols_of(binary);
	const struct binary_symbol *found = table ? symbol_table_find(table, name) : NULL;

	if (found)
		*ret = *found;
	return found != NULL;
}

bool binary_symbol_at(const struct binary *binary, addr_t address, struct binary_symbol *ret)
{
	const struct symbol_table *table = symbols_of(binary);
	const struct binary_symbol *found = table ? symbol_table_find_at(table, address) : NULL;

	if (found)
		*ret = *found;
	return found != NULL;
}

size_t binary_symbol_count(const struct binary *binary)
{
	const struct symbol_table *table = symbols_of(binary);

	return table ? symbol_table_count(table) : 0;
}

void binary_symbol_get(const struct binary *binary, size_t index, struct binary_symbol *ret)
{
	*ret = *symbol_table_get(symbols_of(binary), index);
}

static void read_relocations(const struct binary *binary, struct relocations *ret)
{
	struct symbol_source dynamic = source_of(binary, SHT_DYNSYM);

	vector_each(&binary->sections, section) {
		const uint8_t *bytes = binary->file.bytes + section->offset;

		if (!(section->flags & SHF_ALLOC))
			continue;
		if (section->type == SHT_RELA)
			relocations_add_rela(ret, bytes, section->size, &dynamic);
		else if (section->type == SHT_RELR)
			relocations_add_relr(ret, bytes, section->size, binary);
	}
	relocations_finish(ret);
}

static const struct relocations *relocations_of(const struct binary *binary)
{
	struct tables *tables = binary->tables;

	pthread_mutex_lock(&tables->lock);
	if (!tables->relocations_read)
		read_relocations(binary, &tables->relocations);
	tables->relocations_read = true;
	pthread_mutex_unlock(&tables->lock);
	return &tables->relocations;
}

size_t binary_relocation_count(const struct binary *binary)
{
	return relocations_of(binary)->count;
}

const struct binary_relocation *binary_relocation(const struct binary *binary, size_t index)
{
	return &relocations_of(binary)->items[index];
}
