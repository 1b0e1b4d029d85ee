/*
 * The tables mirror the Linux Standard Base's "Exception Frames" (5.0) and DWARF 5, 6.4.
 *
 *	.eh_frame_hdr
 *	0	1	version, 1
 *	1	3	encodings of: the pointer to .eh_frame, the count, the table
 *	4	4	.eh_frame, relative to here
 *	8	4	count of entries
 *	12	8 each	an entry: code, its description; ascending; relative to the section
 *
 *	A description (FDE) and what several have in common (CIE), in .eh_frame
 *	0	4	length of the rest; 0: the end, 0xffffffff: 8 more bytes (not read)
 *	4	4	0: a CIE; else the distance back to the CIE from here
 *	8	4, 4	an FDE's code: start, relative to here, and size
 */
#include "target/cfi.h"

#include "core/bytes.h"

#include <string.h>

#define TABLE_HEADER     12u
#define TABLE_ENTRY      8u
#define TABLE_ENCODING   0x3b /* relative to the section, 4 bytes, signed */
#define COUNT_ENCODING   0x03 /* 4 bytes */
#define POINTER_ENCODING 0x1b /* relative to the pointer, 4 bytes, signed */
#define MOST_REMEMBERED  8

/* Instructions; the first three have an operand in their low six bits. */
enum {
	ADVANCE = 0x40,
	OFFSET = 0x80,
	RESTORE = 0xc0,
	NOP = 0x00,
	ADVANCE_1 = 0x02,
	ADVANCE_2 = 0x03,
	ADVANCE_4 = 0x04,
	OFFSET_EXTENDED = 0x05,
	RESTORE_EXTENDED = 0x06,
	UNDEFINED = 0x07,
	SAME_VALUE = 0x08,
	REMEMBER = 0x0a,
	RECALL = 0x0b,
	DEFINE_CFA = 0x0c,
	DEFINE_CFA_REGISTER = 0x0d,
	DEFINE_CFA_OFFSET = 0x0e,
	DEFINE_CFA_EXPRESSION = 0x0f,
	EXPRESSION = 0x10,
	OFFSET_EXTENDED_SIGNED = 0x11,
	DEFINE_CFA_SIGNED = 0x12,
	DEFINE_CFA_OFFSET_SIGNED = 0x13,
	VALUE_EXPRESSION = 0x16,
	ARGUMENTS_SIZE = 0x2e,
};

/* Bytes that are being read.  Past the end everything is 0, and `failed` is set. */
struct cursor {
	const uint8_t *at, *end;
	bool failed;
};

struct section_bytes {
	const uint8_t *bytes;
	addr_t address;
	uint64_t size;
};

struct entry {                     /* a CIE with the FDE that refers to it */
	struct cursor common, own; /* instructions */
	addr_t start, end;         /* of the code */
	uint64_t code_step;
	int64_t data_step;
};

/* The state of the instructions' run. */
struct machine {
	const struct entry *entry;
	struct cfi_rules rules;
	struct cfi_rules initial; /* as the CIE leaves them */
	struct cfi_rules remembered[MOST_REMEMBERED];
	uint32_t depth;
	addr_t location;
	bool no_cfa; /* only an expression tells it */
};

static bool open_section(const struct binary *binary, const char *name,
			 struct section_bytes *ret)
{
	ret->bytes = binary_section(binary, name, &ret->address, &ret->size);
	return ret->bytes;
}

static const uint8_t *take(struct cursor *cursor, size_t size)
{
	static const uint8_t nothing[8];
	const uint8_t *at = cursor->at;

	if ((size_t)(cursor->end - cursor->at) < size) {
		cursor->failed = true;
		cursor->at = cursor->end;
		return nothing;
	}
	cursor->at += size;
	return at;
}

static uint64_t take_uleb(struct cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = *take(cursor, 1);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->failed = true;
	return 0;
}

static int64_t take_sleb(struct cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = *take(cursor, 1);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (byte & 0x40 && shift + 7 < 64)
			value |= UINT64_MAX << (shift + 7);
		return (int64_t)value;
	}
	cursor->failed = true;
	return 0;
}

static int32_t load_signed(const uint8_t *bytes)
{
	return (int32_t)load_u32(bytes);
}

/* The last entry of the table whose code begins at or before the address. */
static bool search_table(const struct section_bytes *table, addr_t address,
			 addr_t *ret_description)
{
	const uint8_t *entries = table->bytes + TABLE_HEADER;
	uint64_t low = 0, high;

	if (table->size < TABLE_HEADER || table->bytes[0] != 1 ||
	    table->bytes[2] != COUNT_ENCODING || table->bytes[3] != TABLE_ENCODING)
		return false;
	high = load_u32(table->bytes + 8);
	if (high > (table->size - TABLE_HEADER) / TABLE_ENTRY)
		return false;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		const uint8_t *entry = entries + middle * TABLE_ENTRY;

		if (table->address + (uint64_t)(int64_t)load_signed(entry) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	*ret_description = table->address + (uint64_t)(int64_t)load_signed(
						    entries + (low - 1) * TABLE_ENTRY + 4);
	return true;
}

/* An entry's bytes behind its length. */
static bool open_entry(const struct section_bytes *frames, addr_t address, struct cursor *ret)
{
	uint64_t offset = address - frames->address, length;

	if (!span_fits(offset, 8, frames->size))
		return false;
	length = load_u32(frames->bytes + offset);
	if (length < 4 || !span_fits(offset + 4, length, frames->size))
		return false;
	ret->at = frames->bytes + offset + 4;
	ret->end = ret->at + length;
	ret->failed = false;
	return true;
}

/* A CIE: "z" and, of what may follow it, "R", "P", "L" and "S". */
static bool read_common(struct cursor cursor, struct entry *ret)
{
	const char *augmentation;
	uint8_t encoding = 0;
	uint64_t length;

	if (load_u32(take(&cursor, 4)) || *take(&cursor, 1) > 3)
		return false;
	augmentation = (const char *)cursor.at;
	if (!memchr(cursor.at, 0, (size_t)(cursor.end - cursor.at)) || *augmentation != 'z')
		return false;
	take(&cursor, strlen(augmentation) + 1);
	ret->code_step = take_uleb(&cursor);
	ret->data_step = take_sleb(&cursor);
	if (take_uleb(&cursor) != CFI_RETURN)
		return false;
	length = take_uleb(&cursor);
	for (const char *letter = augmentation + 1; *letter && *letter != 'R'; letter++)
		if (*letter == 'L')
			take(&cursor, 1), length--;
		else if (*letter == 'P')
			length -= 5, take(&cursor, 5); /* an encoding, and 4 bytes in it */
	if (strchr(augmentation, 'R')) {
		encoding = *take(&cursor, 1);
		length--;
	}
	if (length > (uint64_t)(cursor.end - cursor.at))
		return false;
	take(&cursor, length);
	ret->common = cursor;
	return encoding == POINTER_ENCODING && !cursor.failed;
}

static bool read_entry(const struct section_bytes *frames, addr_t description,
		       struct entry *ret)
{
	struct cursor cursor, common;
	addr_t place = description + 4;
	uint32_t distance;

	if (!open_entry(frames, description, &cursor))
		return false;
	distance = load_u32(take(&cursor, 4));
	if (!distance || !open_entry(frames, place - distance, &common) ||
	    !read_common(common, ret))
		return false;
	ret->start = place + 4 + (uint64_t)(int64_t)load_signed(take(&cursor, 4));
	ret->end = ret->start + load_u32(take(&cursor, 4));
	take(&cursor, take_uleb(&cursor));
	ret->own = cursor;
	return !cursor.failed;
}

/* An offset in steps, in bytes.  A damaged one may wrap around. */
static int64_t scaled(const struct machine *machine, int64_t steps)
{
	return (int64_t)((uint64_t)steps * (uint64_t)machine->entry->data_step);
}

static void set_saved(struct machine *machine, uint64_t number, int64_t factored)
{
	if (number >= CFI_REGISTERS)
		return;
	machine->rules.saved[number] = scaled(machine, factored);
	machine->rules.is_saved |= 1u << number;
	machine->rules.is_unknown &= ~(1u << number);
}

static void set_unsaved(struct machine *machine, uint64_t number, bool is_known)
{
	if (number >= CFI_REGISTERS)
		return;
	machine->rules.is_saved &= ~(1u << number);
	machine->rules.is_unknown &= ~(1u << number);
	machine->rules.is_unknown |= (uint32_t)!is_known << number;
}

static void restore(struct machine *machine, uint64_t number)
{
	uint32_t bit;

	if (number >= CFI_REGISTERS)
		return;
	bit = 1u << number;
	machine->rules.saved[number] = machine->initial.saved[number];
	machine->rules.is_saved =
		(machine->rules.is_saved & ~bit) | (machine->initial.is_saved & bit);
	machine->rules.is_unknown =
		(machine->rules.is_unknown & ~bit) | (machine->initial.is_unknown & bit);
}

static void advance(struct machine *machine, uint64_t steps)
{
	machine->location += steps * machine->entry->code_step;
}

static bool recall(struct machine *machine)
{
	if (!machine->depth)
		return false;
	machine->rules = machine->remembered[--machine->depth];
	return true;
}

static bool remember(struct machine *machine)
{
	if (machine->depth == MOST_REMEMBERED)
		return false;
	machine->remembered[machine->depth++] = machine->rules;
	return true;
}

static void set_cfa(struct machine *machine, uint64_t number, int64_t offset)
{
	machine->no_cfa = number >= CFI_RETURN;
	machine->rules.cfa_register = (uint32_t)number;
	machine->rules.cfa_offset = offset;
}

static void skip_block(struct cursor *cursor)
{
	take(cursor, take_uleb(cursor));
}

/* What sets the rule of a register; false: the instruction is another. */
static bool run_register(struct machine *machine, struct cursor *cursor, uint8_t code)
{
	uint64_t number;

	switch (code) {
	case OFFSET_EXTENDED:
		number = take_uleb(cursor);
		set_saved(machine, number, (int64_t)take_uleb(cursor));
		return true;
	case OFFSET_EXTENDED_SIGNED:
		number = take_uleb(cursor);
		set_saved(machine, number, take_sleb(cursor));
		return true;
	case RESTORE_EXTENDED:
		restore(machine, take_uleb(cursor));
		return true;
	case SAME_VALUE:
		set_unsaved(machine, take_uleb(cursor), true);
		return true;
	case UNDEFINED:
		set_unsaved(machine, take_uleb(cursor), false);
		return true;
	case EXPRESSION:
	case VALUE_EXPRESSION:
		set_unsaved(machine, take_uleb(cursor), false);
		skip_block(cursor);
		return true;
	default:
		return false;
	}
}

/* What sets the CFA; false: the instruction is another. */
static bool run_cfa(struct machine *machine, struct cursor *cursor, uint8_t code)
{
	uint64_t number;

	switch (code) {
	case DEFINE_CFA:
		number = take_uleb(cursor);
		set_cfa(machine, number, (int64_t)take_uleb(cursor));
		return true;
	case DEFINE_CFA_SIGNED:
		number = take_uleb(cursor);
		set_cfa(machine, number, scaled(machine, take_sleb(cursor)));
		return true;
	case DEFINE_CFA_REGISTER:
		set_cfa(machine, take_uleb(cursor), machine->rules.cfa_offset);
		return true;
	case DEFINE_CFA_OFFSET:
		machine->rules.cfa_offset = (int64_t)take_uleb(cursor);
		return true;
	case DEFINE_CFA_OFFSET_SIGNED:
		machine->rules.cfa_offset = scaled(machine, take_sleb(cursor));
		return true;
	case DEFINE_CFA_EXPRESSION:
		skip_block(cursor);
		machine->no_cfa = true;
		return true;
	default:
		return false;
	}
}

/* The rest; false: unknown, or damaged. */
static bool run_other(struct machine *machine, struct cursor *cursor, uint8_t code)
{
	switch (code) {
	case NOP:
		return true;
	case ADVANCE_1:
		advance(machine, *take(cursor, 1));
		return true;
	case ADVANCE_2:
		advance(machine, load_u16(take(cursor, 2)));
		return true;
	case ADVANCE_4:
		advance(machine, load_u32(take(cursor, 4)));
		return true;
	case REMEMBER:
		return remember(machine);
	case RECALL:
		return recall(machine);
	case ARGUMENTS_SIZE:
		take_uleb(cursor);
		return true;
	default:
		return false;
	}
}

static bool run_one(struct machine *machine, struct cursor *cursor)
{
	uint8_t code = *take(cursor, 1), operand = code & 0x3f;

	switch (code & 0xc0) {
	case ADVANCE:
		advance(machine, operand);
		return true;
	case OFFSET:
		set_saved(machine, operand, (int64_t)take_uleb(cursor));
		return true;
	case RESTORE:
		restore(machine, operand);
		return true;
	default:
		return run_register(machine, cursor, code) || run_cfa(machine, cursor, code) ||
		       run_other(machine, cursor, code);
	}
}

/* Up to the first instruction that is about code behind the address. */
static bool run(struct machine *machine, struct cursor cursor, addr_t address)
{
	while (cursor.at < cursor.end && machine->location <= address)
		if (!run_one(machine, &cursor) || cursor.failed)
			return false;
	return true;
}

bool cfi_find(const struct binary *binary, addr_t address, struct cfi_rules *ret)
{
	struct section_bytes table, frames;
	struct entry entry = {.code_step = 0};
	struct machine machine = {.entry = &entry, .no_cfa = true};
	addr_t description;

	if (!open_section(binary, ".eh_frame_hdr", &table) ||
	    !open_section(binary, ".eh_frame", &frames) ||
	    !search_table(&table, address, &description) ||
	    !read_entry(&frames, description, &entry) || address < entry.start ||
	    address >= entry.end)
		return false;
	machine.location = entry.start;
	if (!run(&machine, entry.common, address))
		return false;
	machine.initial = machine.rules;
	if (!run(&machine, entry.own, address) || machine.no_cfa)
		return false;
	*ret = machine.rules;
	ret->start = entry.start;
	return true;
}
