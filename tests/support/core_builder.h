/*
 * Small ELF cores in temporary files, put together by hand:
 *
 *	struct core_builder *core = core_create();
 *	core_load(core, (struct core_load){.address = 0x1000, .bytes = "abc", .size = 3});
 *	path = core_write(core);	// lives until core_free
 */
#ifndef SUPPORT_CORE_BUILDER_H
#define SUPPORT_CORE_BUILDER_H

#include "core/image.h"

struct core_builder;

struct core_load {
	addr_t address;
	const void *bytes;    /* [size]; NULL: bytes of 0 */
	uint64_t size;        /* p_filesz */
	uint64_t memory_size; /* p_memsz; 0: as size */
	const char *flags;    /* of "rwx"; NULL: "rw" */
};

struct core_file {
	addr_t start, end;
	uint64_t offset; /* bytes, a multiple of 4096 */
	const char *path;
};

struct core_builder *core_create(void);
/* Removes the file. */
void core_free(struct core_builder *core);

void core_load(struct core_builder *core, struct core_load load);
void core_file(struct core_builder *core, struct core_file file);
void core_thread(struct core_builder *core, uint32_t id, uint32_t signal, uint64_t rip);
void core_process(struct core_builder *core, uint32_t pid, const char *command_line);
void core_auxiliary(struct core_builder *core, uint64_t type, uint64_t value);
/* A note of any kind, instead of what the calls above make. */
void core_note(struct core_builder *core, uint32_t type, const void *bytes, uint32_t size);

/* e_phnum becomes 0xffff, with the real number in a section header. */
void core_use_extended_count(struct core_builder *core);
/* The file ends this many bytes early. */
void core_truncate(struct core_builder *core, uint64_t missing);
/* Overwrites bytes of the finished file. */
void core_patch(struct core_builder *core, uint64_t offset, const void *bytes, size_t size);

const char *core_write(struct core_builder *core);

/* core_write and image_open_core, which must work.  Anomalies go to *ret unless NULL. */
struct image *core_open(struct core_builder *core, struct anomalies **ret);

#endif
