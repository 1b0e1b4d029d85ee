#include "core/image.h"

#include "support/core_builder.h"

#include <criterion/criterion.h>
#include <elf.h>

Test(image, reads_across_segments_that_touch)
{
	struct core_builder *core = core_create();
	struct image *image;
	uint64_t word = 0;

	core_load(core, (struct core_load){.address = 0x1004, .bytes = "\5\6\7\x8", .size = 4});
	core_load(core, (struct core_load){.address = 0x1000, .bytes = "\1\2\3\4", .size = 4});
	image = core_open(core, NULL);
	cr_assert(image_read_u64(image, 0x1000, &word));
	cr_assert_eq(word, 0x0807060504030201u);
	cr_assert(!image_read_u64(image, 0x1001, &word));
	cr_assert(!image_read_u64(image, 0xfff, &word));
	image_close(image);
	core_free(core);
}

Test(image, views_bytes_in_place_and_remembers_where)
{
	struct core_builder *core = core_create();
	struct image *image;
	size_t hint = 0;

	core_load(core, (struct core_load){.address = 0x1000, .bytes = "abcd", .size = 4});
	core_load(core, (struct core_load){.address = 0x3000, .bytes = "efgh", .size = 4});
	image = core_open(core, NULL);
	cr_assert_arr_eq(image_view(image, 0x3001, 3, &hint), "fgh", 3);
	cr_assert_eq(hint, 1u);
	cr_assert_null(image_view(image, 0x3001, 4, &hint));
	cr_assert_null(image_view(image, 0x2000, 1, &hint));
	cr_assert_null(image_view(image, 0, 1, &hint));
	cr_assert_null(image_view(image, UINT64_MAX, SIZE_MAX, &hint));
	cr_assert_arr_eq(image_view(image, 0x1000, 4, &hint), "abcd", 4);
	hint = 12345;
	cr_assert_arr_eq(image_view(image, 0x1000, 4, &hint), "abcd", 4);
	image_close(image);
	core_free(core);
}

Test(image, finds_every_address_among_many_segments)
{
	struct core_builder *core = core_create();
	struct image *image;
	size_t hint = 0;

	for (addr_t i = 0; i < 137; i++)
		core_load(core, (struct core_load){.address = 0x10000 + 32 * i, .size = 8});
	image = core_open(core, NULL);
	for (addr_t i = 137; i-- > 0;) {
		hint = 0;
		cr_assert_not_null(image_view(image, 0x10000 + 32 * i, 8, &hint));
		cr_assert_eq(hint, i);
		cr_assert_null(image_view(image, 0x10000 + 32 * i + 8, 8, &hint));
	}
	image_close(image);
	core_free(core);
}

Test(image, misses_what_the_core_left_out_of_memory_without_a_file)
{
	struct core_builder *core = core_create();
	struct image *image;
	uint8_t byte;

	core_load(core,
		  (struct core_load){
			  .address = 0x1000, .bytes = "ab", .size = 2, .memory_size = 4096});
	image = core_open(core, NULL);
	cr_assert(image_read_u8(image, 0x1001, &byte));
	cr_assert(!image_read_u8(image, 0x1002, &byte));
	cr_assert_eq(image_mapping_at(image, 0x1fff)->dumped, 2u);
	image_close(image);
	core_free(core);
}

Test(image, counts_bytes_of_overlapping_segments_once)
{
	struct core_builder *core = core_create();
	struct image *image;
	uint64_t mappings = 0, segments = 0;
	char text[6];

	core_load(core, (struct core_load){.address = 0x1000, .bytes = "abcd", .size = 4});
	core_load(core, (struct core_load){.address = 0x1002, .bytes = "WXYZ", .size = 4});
	core_load(core, (struct core_load){.address = 0x1001, .bytes = "--", .size = 2});
	image = core_open(core, NULL);
	for (size_t i = 0; i < image_mapping_count(image); i++)
		mappings += image_mapping(image, i)->dumped;
	for (size_t i = 0; i < image_segment_count(image); i++)
		segments += image_segment(image, i)->size;
	cr_assert_eq(image_dumped_bytes(image), 6u);
	cr_assert_eq(mappings, 6u);
	cr_assert_eq(segments, 6u);
	cr_assert(image_read(image, 0x1000, text, 6));
	cr_assert_arr_eq(text, "abcdYZ", 6);
	image_close(image);
	core_free(core);
}

Test(image, cuts_strings_at_their_end_the_buffer_and_the_memory)
{
	struct core_builder *core = core_create();
	struct image *image;
	char text[8];

	core_load(core, (struct core_load){.address = 0x1000, .bytes = "ab", .size = 2});
	core_load(core, (struct core_load){.address = 0x1002, .bytes = "cd\0ef", .size = 5});
	image = core_open(core, NULL);
	cr_assert(image_read_string(image, 0x1000, text, sizeof(text)));
	cr_assert_str_eq(text, "abcd");
	cr_assert(image_read_string(image, 0x1000, text, 4));
	cr_assert_str_eq(text, "abc");
	cr_assert(!image_read_string(image, 0x1005, text, sizeof(text)));
	cr_assert(!image_read_string(image, 0x1000, text, 0));
	image_close(image);
	core_free(core);
}

Test(image, names_the_kernels_pages_by_the_auxiliary_vector)
{
	struct core_builder *core = core_create();
	struct image *image;

	core_auxiliary(core, AT_SYSINFO_EHDR, 0x5000);
	core_auxiliary(core, AT_RANDOM, 0x8010);
	core_load(core,
		  (struct core_load){.address = 0x1000, .memory_size = 4096, .flags = "r"});
	core_load(core,
		  (struct core_load){.address = 0x3000, .memory_size = 4096, .flags = "r"});
	core_load(core,
		  (struct core_load){.address = 0x4000, .memory_size = 4096, .flags = "r"});
	core_load(core, (struct core_load){.address = 0x5000, .size = 4096, .flags = "rx"});
	core_load(core, (struct core_load){.address = 0x8000, .size = 4096});
	image = core_open(core, NULL);
	cr_assert_str_eq(image_mapping_at(image, 0x1000)->path, "");
	cr_assert_str_eq(image_mapping_at(image, 0x3000)->path, "[vvar]");
	cr_assert_str_eq(image_mapping_at(image, 0x4000)->path, "[vvar]");
	cr_assert_str_eq(image_mapping_at(image, 0x5000)->path, "[vdso]");
	cr_assert_str_eq(image_mapping_at(image, 0x8000)->path, "[stack]");
	cr_assert_null(image_mapping_at(image, 0x2000));
	image_close(image);
	core_free(core);
}
