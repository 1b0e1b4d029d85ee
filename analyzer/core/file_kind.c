/*
 * OFFSET SIZE MEANING                          (System V gABI, ELF header)
 *      0    4 0x7f 'E' 'L' 'F'
 *      4    1 class: 1 is 32-bit, 2 is 64-bit
 *      5    1 byte order: 1 is little-endian, 2 is big-endian
 *     16    2 type: 1 object, 2 executable, 3 shared object, 4 core
 *     18    2 machine: 62 is x86-64
 * The header of a 64-bit file has 64 bytes.
 */
#include "core/file_kind.h"

#include "core/bytes.h"

#include <elf.h>

#define HEADER_SIZE 64u

static const struct compression {
	uint8_t magic[6];
	uint8_t size;
	const char *kind, *command;
} compressions[] = {
	{{0x1f, 0x8b}, 2, "a gzip-compressed file", "gzip -d"},
	{{0x28, 0xb5, 0x2f, 0xfd}, 4, "a zstd-compressed file", "zstd -d"},
	{{0x04, 0x22, 0x4d, 0x18}, 4, "an lz4-compressed file", "lz4 -d"},
	{{0xfd, '7', 'z', 'X', 'Z', 0}, 6, "an xz-compressed file", "xz -d"},
	{{'B', 'Z', 'h'}, 3, "a bzip2-compressed file", "bzip2 -d"},
	{{'P', 'K', 3, 4}, 4, "a zip archive", "unzip"},
};

static const struct compression *find_compression(const struct file_map *file)
{
	for (size_t i = 0; i < ARRAY_COUNT(compressions); i++)
		if (file->size >= compressions[i].size &&
		    !memcmp(file->bytes, compressions[i].magic, compressions[i].size))
			return &compressions[i];
	return NULL;
}

const char *file_kind_decompressor(const struct file_map *file)
{
	const struct compression *compression = find_compression(file);

	return compression ? compression->command : NULL;
}

static bool has_magic(const struct file_map *file)
{
	return file->size >= SELFMAG && !memcmp(file->bytes, ELFMAG, SELFMAG);
}

static const char *kind_of_elf(const struct file_map *file)
{
	if (file->size < HEADER_SIZE)
		return "the first few bytes of an ELF file";
	switch (load_u16(file->bytes + 16)) {
	case ET_REL:
		return "an ELF object file";
	case ET_EXEC:
		return "an ELF executable";
	case ET_DYN:
		return "an ELF executable or shared library";
	case ET_CORE:
		return "an ELF core";
	default:
		return "an ELF file of an unknown type";
	}
}

static bool is_text(const struct file_map *file)
{
	uint64_t looked = file->size < 512 ? file->size : 512;

	for (uint64_t i = 0; i < looked; i++)
		if (file->bytes[i] == 0x7f ||
		    (file->bytes[i] < 0x20 && !memchr("\t\n\r\f\x1b", file->bytes[i], 5)))
			return false;
	return true;
}

const char *file_kind(const struct file_map *file)
{
	const struct compression *compression = find_compression(file);

	if (file->size == 0)
		return "empty";
	if (!memcmp(file->bytes, ELFMAG, file->size < SELFMAG ? file->size : SELFMAG))
		return kind_of_elf(file);
	if (compression)
		return compression->kind;
	if (file->size >= 16 && !memcmp(file->bytes, "SQLite format 3", 16))
		return "an SQLite database";
	return is_text(file) ? "a text file" : "a binary file of an unknown kind";
}

const char *machine_name(uint16_t machine)
{
	switch (machine) {
	case EM_386:
		return "32-bit x86";
	case EM_ARM:
		return "32-bit ARM";
	case EM_AARCH64:
		return "AArch64";
	case EM_PPC64:
		return "PowerPC64";
	case EM_S390:
		return "S/390";
	case EM_RISCV:
		return "RISC-V";
	case EM_MIPS:
		return "MIPS";
	case EM_SPARCV9:
		return "SPARC";
	default:
		return NULL;
	}
}

bool check_machine(const struct file_map *file, const char *path, const char *wanted,
		   struct error *err)
{
	const char *name;
	uint16_t machine;
	bool is_big_endian;

	if (!has_magic(file) || file->size < HEADER_SIZE)
		return error_set(err, ERROR_FORMAT, "%s: is %s; give %s", path, file_kind(file),
				 wanted);
	machine = load_u16(file->bytes + 18);
	is_big_endian = file->bytes[EI_DATA] == ELFDATA2MSB;
	name = machine_name(is_big_endian ? __builtin_bswap16(machine) : machine);
	if (is_big_endian)
		return error_set(err, ERROR_FORMAT,
				 "%s: is big-endian, for %s; give %s for x86-64", path,
				 name ? name : "another machine", wanted);
	if (machine != EM_X86_64)
		return error_set(err, ERROR_FORMAT,
				 "%s: is for %s (ELF machine %u); give %s for x86-64", path,
				 name ? name : "another machine", machine, wanted);
	if (file->bytes[EI_CLASS] != ELFCLASS64 || file->bytes[EI_DATA] != ELFDATA2LSB)
		return error_set(err, ERROR_FORMAT,
				 "%s: is a 32-bit program's (x32); give %s for x86-64", path,
				 wanted);
	return true;
}
