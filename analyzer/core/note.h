/*
 * ELF notes: what PT_NOTE segments and SHT_NOTE sections hold, in cores and in binaries.
 */
#ifndef CORE_NOTE_H
#define CORE_NOTE_H

#include "base/types.h"
#include "core/binary.h"

struct note {
	uint32_t type;
	const char *name; /* [name_size], not always NUL-terminated */
	uint32_t name_size;
	const uint8_t *data;
	uint32_t size; /* bytes of data */
};

/* What is left to read; start it with the bytes and the alignment (8, or 4 for all else). */
struct note_cursor {
	const uint8_t *bytes;
	uint64_t size;
	uint64_t alignment;
};

/* False at the end, and where a note does not fit in what is left (`size` is then not 0). */
bool note_next(struct note_cursor *cursor, struct note *ret);

bool note_is(const struct note *note, const char *name, uint32_t type);

/* The NT_GNU_BUILD_ID among the notes; false if there is none. */
bool note_find_build_id(struct note_cursor cursor, struct build_id *ret);

#endif
