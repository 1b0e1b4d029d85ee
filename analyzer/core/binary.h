/*
 * An ELF executable, shared library or detached debug file on disk: its program headers,
 * build-id, symbols and relocations.  Addresses here are link-time (p_vaddr); whoever knows
 * where it was loaded adds the bias.
 *
 * Refuses to know: DWARF, processes.
 */
#ifndef CORE_BINARY_H
#define CORE_BINARY_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/types.h"

struct binary;

#define BUILD_ID_MAX 32

struct build_id {
	uint8_t size; /* bytes; 0: none */
	uint8_t bytes[BUILD_ID_MAX];
};

bool build_id_equal(const struct build_id *left, const struct build_id *right);
/* Hex into ret; at least 2 * BUILD_ID_MAX + 1 bytes. */
void build_id_format(const struct build_id *id, char *ret);

struct binary_segment { /* a PT_LOAD */
	addr_t address;
	uint64_t file_offset, file_size, memory_size; /* bytes */
	bool writable, executable;
};

struct binary_symbol {
	const char *name; /* without @VERSION; lives as long as the binary */
	addr_t address; /* link-time; 0 if undefined; of a thread-local one, its offset in PT_TLS */
	uint64_t size; /* bytes */
	bool is_function, is_undefined, is_thread_local;
	bool is_exported; /* defined in .dynsym */
	bool is_chosen;   /* an ifunc: the address is of what picks the function at run time */
};

/* NULL and a sentence: cannot be opened, not an x86-64 ELF file, damaged. */
struct binary *binary_open(const char *path, struct error *err);
/*
 * The same for a detached debug file that stands in for a binary that is gone: it has the
 * symbols and the segments' places in memory, but none of their bytes.
 */
struct binary *binary_open_detached(const char *path, struct error *err);
void binary_close(struct binary *binary);
DEFINE_CLEANUP(struct binary *, binary_close)

const char *binary_path(const struct binary *binary); /* on this machine */
bool binary_is_detached(const struct binary *binary);
/* The whole file, mapped. */
const uint8_t *binary_bytes(const struct binary *binary, uint64_t *ret_size);
const struct build_id *binary_build_id(const struct binary *binary);
/* .gnu_debuglink's file name and checksum; false if there is none. */
bool binary_debug_link(const struct binary *binary, const char **ret_name, uint32_t *ret_crc);
bool binary_has_section(const struct binary *binary, const char *name);
/*
 * The bytes of a section as they stand in the file (not decompressed), mapped, as long as the
 * binary lives; NULL if there is none or it is NOBITS.
 */
const uint8_t *binary_section(const struct binary *binary, const char *name,
			      addr_t *ret_address, uint64_t *ret_size);

size_t binary_segment_count(const struct binary *binary);
const struct binary_segment *binary_segment(const struct binary *binary, size_t index);
/* The lowest and the end of the highest PT_LOAD in memory. */
struct address_range binary_span(const struct binary *binary);

/* The file's own bytes at a link-time address (p_filesz bounds them); NULL on a miss. */
const uint8_t *binary_view(const struct binary *binary, addr_t address, size_t size);

/*
 * By exact name, .symtab before .dynsym.  LTO's suffixes count as the name they had
 * (`arenas.lto_priv.0`, `.constprop`, `.isra`) after the exact ones; `.cold` and `.part` never do.
 * Symbols and relocations are read when first asked for, which any thread may do.
 */
bool binary_symbol(const struct binary *binary, const char *name, struct binary_symbol *ret);
/* The exported one of exactly that name; false also where there are several of it. */
bool binary_exported(const struct binary *binary, const char *name, struct binary_symbol *ret);
/* The symbol whose range has the address (or, sizeless, the nearest below). */
bool binary_symbol_at(const struct binary *binary, addr_t address, struct binary_symbol *ret);
size_t binary_symbol_count(const struct binary *binary);
void binary_symbol_get(const struct binary *binary, size_t index, struct binary_symbol *ret);

/*
 * The dynamic relocations that put a pointer into data: R_X86_64_RELATIVE, _64, _GLOB_DAT,
 * _JUMP_SLOT, in ascending order of slot.  From .rela.dyn, .rela.plt (and .relr.dyn where there
 * is one).
 */
struct binary_relocation {
	addr_t slot;        /* link-time address of the pointer */
	addr_t addend;      /* link-time address it points to, when symbol is NULL */
	const char *symbol; /* NULL, or the symbol whose address + addend it gets */
	bool is_jump;       /* JUMP_SLOT: it may get that as late as with the first call */
};
size_t binary_relocation_count(const struct binary *binary);
const struct binary_relocation *binary_relocation(const struct binary *binary, size_t index);

#endif
