/*
 * Tables put together by hand, in the three formats; the bytes are what CPython's compilers
 * write for such functions.
 */
#include "runtime/cpython/lines.h"
#include "support/core_builder.h"

#include <criterion/criterion.h>

#define CODE       0x10000u
#define TABLE      0x10100u
#define FIRST_LINE 100

enum { FIRSTLINE_AT = 0x20, TABLE_AT = 0x28, SIZE_AT = 0x10, VALUE_AT = 0x20 };

struct sample {
	struct core_builder *core;
	struct python python;
	uint8_t bytes[0x200];
};

static void set_field(struct sample *sample, enum field field, uint32_t offset)
{
	sample->python.fields.at[field] =
		(struct layout_field){.present = true, .offset = offset};
}

/* A code object with a table of `size` bytes, which says that it has `told_size`. */
static void sample_init(struct sample *sample, enum field table, const void *bytes, size_t size,
			uint64_t told_size)
{
	uint32_t first_line = FIRST_LINE;
	addr_t address = TABLE;

	*sample = (struct sample){.core = core_create()};
	set_field(sample, CODE_FIRSTLINE, FIRSTLINE_AT);
	set_field(sample, table, TABLE_AT);
	set_field(sample, VAR_SIZE, SIZE_AT);
	set_field(sample, BYTES_DATA, VALUE_AT);
	memcpy(sample->bytes + FIRSTLINE_AT, &first_line, sizeof(first_line));
	memcpy(sample->bytes + TABLE_AT, &address, sizeof(address));
	memcpy(sample->bytes + TABLE - CODE + SIZE_AT, &told_size, sizeof(told_size));
	memcpy(sample->bytes + TABLE - CODE + VALUE_AT, bytes, size);
	core_load(sample->core, (struct core_load){.address = CODE,
						   .bytes = sample->bytes,
						   .size = sizeof(sample->bytes)});
	sample->python.image = core_open(sample->core, NULL);
}

static void sample_release(struct sample *sample)
{
	image_close((struct image *)sample->python.image);
	core_free(sample->core);
}

static void expect_line(const struct sample *sample, int64_t instruction, uint32_t expected)
{
	uint32_t line = code_line(&sample->python, CODE, instruction);

	cr_assert_eq(line, expected, "instruction %lld: line %u, not %u",
		     (long long)instruction, line, expected);
}

static const uint8_t lnotab[] = {
	0,   1,           /* a function's first line is its second */
	4,   2,           /* +4 bytes: +2 lines */
	6,   127,  0, 73, /* +6: +200 */
	255, 0,    1, 1,  /* +256: +1 */
	2,   0xfe,        /* +2: -2 */
};

Test(lines, of_lnotab_begin_at_their_entries)
{
	struct sample sample;

	sample_init(&sample, CODE_LNOTAB, lnotab, sizeof(lnotab), sizeof(lnotab));
	expect_line(&sample, 0, 101);
	expect_line(&sample, 3, 101);
	expect_line(&sample, 4, 103);
	expect_line(&sample, 10, 303);
	expect_line(&sample, 265, 303);
	expect_line(&sample, 266, 304);
	expect_line(&sample, 268, 302);
	expect_line(&sample, 100000, 302);
	sample_release(&sample);
}

Test(lines, before_the_first_instruction_are_the_definition_s)
{
	static const enum field tables[] = {CODE_LNOTAB, CODE_LINETABLE};

	for (size_t i = 0; i < ARRAY_COUNT(tables); i++) {
		struct sample sample;

		sample_init(&sample, tables[i], "\2\1", 2, 2);
		expect_line(&sample, -1, FIRST_LINE);
		sample_release(&sample);
	}
}

static const uint8_t pairs[] = {
	4, 1,           /* 4 bytes of line 101 */
	6, 0x80,        /* 6 without a line */
	2, 127,  2, 73, /* 2 of line 228, 2 of line 301 */
	0, 100,  4, 10, /* none, then 4 of line 411 */
	2, 0xb0,        /* 2 of line 331 */
};

Test(lines, of_pairs_end_with_their_entries)
{
	struct sample sample;

	sample_init(&sample, CODE_LINETABLE, pairs, sizeof(pairs), sizeof(pairs));
	expect_line(&sample, 0, 101);
	expect_line(&sample, 3, 101);
	expect_line(&sample, 4, 0);
	expect_line(&sample, 9, 0);
	expect_line(&sample, 10, 228);
	expect_line(&sample, 12, 301);
	expect_line(&sample, 14, 411);
	expect_line(&sample, 18, 331);
	expect_line(&sample, 20, 0);
	sample_release(&sample);
}

#define ENTRY(kind, units) (0x80 | (kind) << 3 | ((units)-1))

static const uint8_t locations[] = {
	ENTRY(15, 1),                               /* COPY_FREE_VARS: no line */
	ENTRY(10, 1), 0,    0,                      /* one line, +0 */
	ENTRY(11, 2), 4,    9,                      /* one line, +1 */
	ENTRY(0, 3),  0x11,                         /* columns only */
	ENTRY(12, 8), 4,    9,                      /* one line, +2 */
	ENTRY(13, 1), 0x50, 0x06,                   /* no columns, +200: 400 = 16 + 6 * 64 */
	ENTRY(14, 1), 0x0b, 0x02, 0x05, 0x07,       /* long, -5 */
	ENTRY(14, 1), 0x61, 0x41, 0x01, 1,    1, 1, /* long, -2096: 4193 = 33 + 64 + 4096 */
	ENTRY(14, 1), 0x62, 0x41, 0x01, 1,    1, 1, /* long, +2097 */
};

Test(lines, of_locations_take_every_kind_of_entry)
{
	struct sample sample;

	sample_init(&sample, CODE_LINETABLE, locations, sizeof(locations), sizeof(locations));
	set_field(&sample, CODE_CODE, 0);
	expect_line(&sample, -2, FIRST_LINE);
	expect_line(&sample, 0, 0);
	expect_line(&sample, 2, 100);
	expect_line(&sample, 4, 101);
	expect_line(&sample, 7, 101);
	expect_line(&sample, 8, 101);
	expect_line(&sample, 14, 103);
	expect_line(&sample, 29, 103);
	expect_line(&sample, 30, 303);
	expect_line(&sample, 32, 298);
	expect_line(&sample, 34, 0); /* below the first line of the file */
	expect_line(&sample, 36, 299);
	expect_line(&sample, 38, 0);
	sample_release(&sample);
}

Test(lines, of_a_cut_or_damaged_table_are_unknown)
{
	static const uint8_t cut[] = {ENTRY(14, 1), 0x7f},
			     endless[] = {ENTRY(13, 1), 0x7f, 0x7f, 0x7f, 0x7f, 0x7f,
					  0x7f,         0x7f, 0x7f, 0x7f, 0x7f, 0x7f};
	static const uint64_t sizes[] = {0, 1, 0x1000, UINT64_MAX};
	struct sample sample;

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		sample_init(&sample, CODE_LINETABLE, pairs, sizeof(pairs), sizes[i]);
		expect_line(&sample, 0, 0);
		sample_release(&sample);
	}
	sample_init(&sample, CODE_LINETABLE, cut, sizeof(cut), sizeof(cut));
	set_field(&sample, CODE_CODE, 0);
	expect_line(&sample, 2, 0);
	sample_release(&sample);
	sample_init(&sample, CODE_LINETABLE, endless, sizeof(endless), sizeof(endless));
	set_field(&sample, CODE_CODE, 0);
	expect_line(&sample, 0, 0);
	sample_release(&sample);
}
