#include "runtime/cpython/value_content.h"

#include "support/core_builder.h"

#include <criterion/criterion.h>

#define MEMORY 0x10000u
#define SIZE   0x1000u
#define OBJECT (MEMORY + 0x100)
#define OTHER  (MEMORY + 0x800)

/* A process with one page, and structs whose fields are where the tests say. */
static struct python python;
static uint8_t memory[SIZE];

static void field_at(enum field field, uint32_t offset, uint32_t size)
{
	python.fields.at[field] =
		(struct layout_field){.present = true, .offset = offset, .size = size};
}

static void bits_at(enum field field, uint32_t offset, uint16_t bit, uint16_t bits)
{
	field_at(field, offset, 4);
	python.fields.at[field].bit_offset = bit;
	python.fields.at[field].bit_size = bits;
}

static void lay_out(void)
{
	field_at(VAR_SIZE, 16, 8);
	field_at(LONG_DIGITS, 24, 4);
	field_at(STR_LENGTH, 16, 8);
	bits_at(STR_KIND, 32, 2, 3);
	bits_at(STR_COMPACT, 32, 5, 1);
	bits_at(STR_ASCII, 32, 6, 1);
	field_at(STR_DATA, 56, 8);
	field_at(STR_ASCII_STRUCT, 0, 40);
	field_at(STR_COMPACT_STRUCT, 0, 56);
	field_at(BYTES_DATA, 32, 1);
	field_at(FLOAT_VALUE, 16, 8);
	field_at(COMPLEX_VALUE, 16, 16);
	field_at(DICT_USED, 16, 8);
	field_at(FUNCTION_QUALNAME, 24, 8);
	field_at(CFUNCTION_METHOD, 16, 8);
	field_at(METHODDEF_NAME, 0, 8);
	field_at(FRAME_CODE, 24, 8);
	field_at(CODE_NAME, 40, 8);
}

TestSuite(values, .init = lay_out);

static void put(addr_t address, const void *bytes, size_t size)
{
	memcpy(memory + (address - MEMORY), bytes, size);
}

static void put_word(addr_t address, uint64_t word)
{
	put(address, &word, sizeof(word));
}

/* What an object of the type is worth; "none" if nothing. */
static void expect(const char *type_name, addr_t object, const char *expected)
{
	struct core_builder *core = core_create();
	struct value_source source = {.python = &python, .object = object};
	char ret[VALUE_TEXT_SIZE];
	struct image *image;

	core_load(core, (struct core_load){.address = MEMORY, .bytes = memory, .size = SIZE});
	image = core_open(core, NULL);
	python.image = image;
	if (!value_format(&source, value_form_named(type_name), ret, sizeof(ret)))
		snprintf(ret, sizeof(ret), "none");
	cr_assert_str_eq(ret, expected, "%s, not %s", ret, expected);
	image_close(image);
	core_free(core);
}

static void put_str(addr_t object, unsigned width, bool ascii, const void *characters,
		    uint64_t length)
{
	uint32_t state = width << 2 | 1u << 5 | (uint32_t)ascii << 6;

	put_word(object + 16, length);
	put(object + 32, &state, sizeof(state));
	put(object + (ascii ? 40 : 56), characters, length * width);
}

Test(values, shows_strings_of_every_width)
{
	put_str(OBJECT, 1, true, "it's\n", 5);
	expect("builtins.str", OBJECT, "it's\\n");
	put_str(OBJECT, 1, false, "caf\xe9", 4);
	expect("builtins.str", OBJECT, "café");
	put_str(OBJECT, 2, false, (const uint16_t[]){0x65e5, 0xdc80, 'x'}, 3);
	expect("builtins.str", OBJECT, "日\\udc80x");
	put_str(OBJECT, 4, false, (const uint32_t[]){0x1f600}, 1);
	expect("builtins.str", OBJECT, "😀");
	put_str(OBJECT, 1, true, "", 0);
	expect("builtins.str", OBJECT, "");
}

Test(values, shows_strings_with_characters_of_their_own)
{
	uint32_t state = 1u << 2;

	put_word(OBJECT + 16, 3);
	put(OBJECT + 32, &state, sizeof(state));
	put_word(OBJECT + 56, OTHER);
	put(OTHER, "abc", 3);
	expect("builtins.str", OBJECT, "abc");
	put_word(OBJECT + 56, 0x5000);
	expect("builtins.str", OBJECT, "none");
}

Test(values, reads_no_more_of_a_long_string_than_it_shows)
{
	char characters[VALUE_TEXT_SIZE];

	memset(characters, 'x', sizeof(characters));
	put_str(OBJECT, 1, true, characters, 200);
	put_word(OBJECT + 16, UINT64_MAX);
	snprintf(characters + 79, sizeof(characters) - 79, "…");
	expect("builtins.str", OBJECT, characters);
}

Test(values, shows_no_string_of_an_unknown_width)
{
	put_str(OBJECT, 3, true, "abcdefghi", 3);
	expect("builtins.str", OBJECT, "none");
	put_str(OBJECT, 0, true, "abc", 3);
	expect("builtins.str", OBJECT, "none");
}

Test(values, shows_no_string_that_leaves_the_dump)
{
	expect("builtins.str", MEMORY + SIZE - 8, "none");
	put_str(MEMORY + SIZE - 44, 1, true, "abcd", 4);
	expect("builtins.str", MEMORY + SIZE - 44, "abcd");
	put_word(MEMORY + SIZE - 44 + 16, 5);
	expect("builtins.str", MEMORY + SIZE - 44, "none");
}

Test(values, shows_bytes_between_single_quotes)
{
	put_word(OBJECT + 16, 8);
	put(OBJECT + 32, "it's\0\xff\n\"", 8);
	expect("builtins.bytes", OBJECT, "b'it\\'s\\x00\\xff\\n\"'");
	put_word(OBJECT + 16, 0);
	expect("builtins.bytes", OBJECT, "b''");
	put_word(OBJECT + 16, UINT64_MAX);
	expect("builtins.bytes", OBJECT, "none");
}

static void put_digits(int64_t size, const uint32_t *digits, size_t count)
{
	put_word(OBJECT + 16, (uint64_t)size);
	put(OBJECT + 24, digits, count * sizeof(*digits));
}

Test(values, shows_integers_by_count_and_sign)
{
	put_digits(0, (const uint32_t[]){0}, 1);
	expect("builtins.int", OBJECT, "0");
	put_digits(-1, (const uint32_t[]){5}, 1);
	expect("builtins.int", OBJECT, "-5");
	put_digits(2, (const uint32_t[]){0, 1}, 2);
	expect("builtins.int", OBJECT, "1073741824");
	put_digits(3, (const uint32_t[]){0x3fffffff, 0x3fffffff, 15}, 3);
	expect("builtins.int", OBJECT, "18446744073709551615");
}

Test(values, shows_integers_of_short_digits)
{
	field_at(LONG_DIGITS, 24, 2);
	put_word(OBJECT + 16, 3);
	put(OBJECT + 24, (const uint16_t[]){0x7fff, 0x7fff, 1}, 6);
	expect("builtins.int", OBJECT, "2147483647");
}

Test(values, shows_integers_by_tag)
{
	field_at(LONG_TAG, 16, 8);
	put_digits(1 << 3, (const uint32_t[]){7}, 1);
	expect("builtins.int", OBJECT, "7");
	put_digits(1 << 3 | 2, (const uint32_t[]){7}, 1);
	expect("builtins.int", OBJECT, "-7");
	put_digits(1, (const uint32_t[]){0}, 1);
	expect("builtins.int", OBJECT, "0");
	expect("builtins.bool", OBJECT, "False");
	put_digits(1 << 3 | 4, (const uint32_t[]){1}, 1);
	expect("builtins.bool", OBJECT, "True");
}

Test(values, shows_integers_up_to_256_bits_in_decimal)
{
	uint32_t digits[9];

	memset(digits, 0xff, sizeof(digits));
	for (size_t i = 0; i < 8; i++)
		digits[i] &= 0x3fffffff;
	digits[8] = 0xffff;
	put_digits(-9, digits, 9);
	expect("builtins.int", OBJECT,
	       "-11579208923731619542357098500868790785326998466564056403945758400791312963993"
	       "5");
	digits[8] = 0x10000;
	put_digits(-9, digits, 9);
	expect("builtins.int", OBJECT, "int of 257 bits");
}

Test(values, bounds_what_a_damaged_integer_says)
{
	put_digits(INT64_MAX, (const uint32_t[]){1}, 1);
	expect("builtins.int", OBJECT, "none");
	put_digits(INT64_MIN, (const uint32_t[]){1}, 1);
	expect("builtins.int", OBJECT, "none");
	put_digits(100000, (const uint32_t[]){1}, 1);
	expect("builtins.int", OBJECT, "none");
	put_digits(1, (const uint32_t[]){UINT32_MAX}, 1);
	expect("builtins.int", OBJECT, "1073741823");
}

Test(values, shows_floats_and_complex_numbers)
{
	put(OBJECT + 16, (const double[]){-2.5, 1}, 16);
	expect("builtins.float", OBJECT, "-2.5");
	expect("builtins.complex", OBJECT, "(-2.5+1j)");
	expect("builtins.float", MEMORY + SIZE - 16, "none");
}

Test(values, shows_the_length_of_containers)
{
	put_word(OBJECT + 16, 3);
	expect("builtins.list", OBJECT, "len 3");
	expect("builtins.dict", OBJECT, "len 3");
	expect("collections.deque", OBJECT, "len 3");
	put_word(OBJECT + 16, UINT64_MAX);
	expect("builtins.tuple", OBJECT, "none");
}

Test(values, shows_names)
{
	put_str(OTHER, 1, true, "Node.next", 9);
	put_word(OBJECT + 24, OTHER);
	expect("builtins.function", OBJECT, "Node.next");
	put_word(OBJECT + 24, 0);
	expect("builtins.function", OBJECT, "none");
	put_word(OBJECT + 16, MEMORY + 0x400);
	put_word(MEMORY + 0x400, MEMORY + 0x420);
	put(MEMORY + 0x420, "len", 4);
	expect("builtins.builtin_function_or_method", OBJECT, "len");
}

Test(values, shows_the_code_of_a_frame)
{
	put_str(OTHER, 1, true, "main", 4);
	put_word(OBJECT + 24, MEMORY + 0x400);
	put_word(MEMORY + 0x400 + 40, OTHER);
	expect("builtins.frame", OBJECT, "main");
	field_at(FRAME_FRAME, 24, 8);
	field_at(IFRAME_CODE, 0, 8);
	put_word(MEMORY + 0x400, (MEMORY + 0x500) | 1);
	put_word(MEMORY + 0x500 + 40, OTHER);
	expect("builtins.frame", OBJECT, "main");
}

Test(values, has_none_for_fields_the_version_lacks)
{
	expect("builtins.module", OBJECT, "none");
	expect("builtins.type", OBJECT, "none");
	cr_assert_null(value_form_named("app.Node"));
}

/* The number of an object's content; 0: it has none, 1: it is what the object refers to. */
static uint64_t content_of(const char *type_name, addr_t object)
{
	const struct value_content *content = value_content_named(type_name);
	struct core_builder *core = core_create();
	struct value_source source = {.python = &python, .object = object};
	uint64_t number = 0;
	struct image *image;

	core_load(core, (struct core_load){.address = MEMORY, .bytes = memory, .size = SIZE});
	image = core_open(core, NULL);
	python.image = image;
	switch (content ? value_content(&source, content, value_form_named(type_name), &number)
			: CONTENT_CHANGES) {
	case CONTENT_CHANGES:
		number = 0;
		break;
	case CONTENT_VALUE:
		break;
	case CONTENT_REFERENCES:
		number = 1;
		break;
	}
	image_close(image);
	core_free(core);
	return number;
}

Test(values, of_one_content_have_one_number_wherever_they_are)
{
	char text[300];

	memset(text, 'x', sizeof(text));
	put_str(OBJECT, 1, true, text, 300);
	put_str(OTHER + 1, 1, true, text, 300);
	cr_assert_neq(content_of("builtins.str", OBJECT), 0u);
	cr_assert_eq(content_of("builtins.str", OBJECT), content_of("builtins.str", OTHER + 1));
	text[299] = 'y'; /* beyond what the short text shows */
	put_str(OTHER, 1, true, text, 300);
	cr_assert_neq(content_of("builtins.str", OBJECT), content_of("builtins.str", OTHER));
	put_str(OTHER, 1, true, text, 299);
	cr_assert_neq(content_of("builtins.str", OBJECT), content_of("builtins.str", OTHER));
}

Test(values, of_bytes_and_numbers_have_the_numbers_of_all_of_them)
{
	put_word(OBJECT + 16, 3);
	put(OBJECT + 32, "abc", 3);
	put_word(OTHER + 16, 3);
	put(OTHER + 32, "abd", 3);
	cr_assert_neq(content_of("builtins.bytes", OBJECT),
		      content_of("builtins.bytes", OTHER));
	put_word(OBJECT + 16, 1);
	put_word(OBJECT + 24, 7);
	put_word(OTHER + 16, (uint64_t)-1); /* the sign is that of the size */
	put_word(OTHER + 24, 7);
	cr_assert_neq(content_of("builtins.int", OBJECT), content_of("builtins.int", OTHER));
	put_word(OTHER + 16, 1);
	cr_assert_eq(content_of("builtins.int", OBJECT), content_of("builtins.int", OTHER));
}

Test(values, that_change_or_are_missing_have_no_number)
{
	put_word(OBJECT + 16, 3);
	cr_assert_eq(content_of("builtins.list", OBJECT), 0u);
	cr_assert_eq(content_of("builtins.dict", OBJECT), 0u);
	cr_assert_eq(content_of("builtins.tuple", OBJECT), 1u);
	put_word(OBJECT + 16, SIZE);
	cr_assert_eq(content_of("builtins.bytes", OBJECT), 0u);
}
