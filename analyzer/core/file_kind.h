/*
 * What a file is, for the sentence that says it is not what was wanted.
 */
#ifndef CORE_FILE_KIND_H
#define CORE_FILE_KIND_H

#include "base/types.h"
#include "core/file_map.h"

/* "an ELF executable", "a text file", "a gzip-compressed file", … : static. */
const char *file_kind(const struct file_map *file);

/* The command that decompresses it ("gzip -d"), or NULL. */
const char *file_kind_decompressor(const struct file_map *file);

/* The name of an ELF e_machine ("AArch64"), or NULL if it is a rare one. */
const char *machine_name(uint16_t machine);

/*
 * True if these are the bytes of an x86-64 ELF file; else a sentence of kind ERROR_FORMAT.
 * `wanted` ends it: what the file should have been.
 */
bool check_machine(const struct file_map *file, const char *path, const char *wanted,
		   struct error *err);

#endif
