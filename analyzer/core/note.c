/*
 * OFFSET SIZE MEANING                 (System V gABI, "Note Section"; binutils agrees)
 *      0    4 bytes of the name, NUL included
 *      4    4 bytes of the data
 *      8    4 type
 *     12    … name, padded to the alignment
 *      …    … data, padded to the alignment
 */
#include "core/note.h"

#include "core/bytes.h"

#include <elf.h>

#define HEADER_SIZE 12u

static uint64_t padded(uint64_t size, uint64_t alignment)
{
	uint64_t unit = alignment == 8 ? 8 : 4;

	return (size + unit - 1) / unit * unit;
}

bool note_next(struct note_cursor *cursor, struct note *ret)
{
	uint64_t data_at, end;

	if (cursor->size < HEADER_SIZE)
		return false;
	ret->name_size = load_u32(cursor->bytes);
	ret->size = load_u32(cursor->bytes + 4);
	ret->type = load_u32(cursor->bytes + 8);
	data_at = padded(HEADER_SIZE + (uint64_t)ret->name_size, cursor->alignment);
	if (!span_fits(data_at, ret->size, cursor->size))
		return false;
	ret->name = (const char *)cursor->bytes + HEADER_SIZE;
	ret->data = cursor->bytes + data_at;
	end = padded(data_at + ret->size, cursor->alignment);
	if (end > cursor->size)
		end = cursor->size;
	cursor->bytes += end;
	cursor->size -= end;
	return true;
}

bool note_is(const struct note *note, const char *name, uint32_t type)
{
	size_t length = strlen(name);

	return note->type == type && note->name_size >= length &&
	       note->name_size <= length + 1 && !memcmp(note->name, name, length);
}

bool note_find_build_id(struct note_cursor cursor, struct build_id *ret)
{
	struct note note;

	while (note_next(&cursor, &note)) {
		if (!note_is(&note, "GNU", NT_GNU_BUILD_ID))
			continue;
		if (note.size == 0 || note.size > BUILD_ID_MAX)
			continue;
		*ret = (struct build_id){.size = (uint8_t)note.size};
		memcpy(ret->bytes, note.data, note.size);
		return true;
	}
	return false;
}
