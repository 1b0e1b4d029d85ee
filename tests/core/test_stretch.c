#include "core/stretch.h"

#include <criterion/criterion.h>

static void push(struct stretches *list, addr_t start, addr_t end, const char *bytes)
{
	stretches_push(list, (struct stretch){start, end, (const uint8_t *)bytes, 0});
}

Test(stretch, fills_only_the_gaps_from_below)
{
	struct stretches list = {0}, above = {0}, below = {0};

	push(&above, 20, 30, "ABCDEFGHIJ");
	push(&above, 10, 15, "abcde");
	stretches_lay_under(&list, &above);
	push(&below, 5, 40, "01234567890123456789012345678901234");
	stretches_lay_under(&list, &below);
	cr_assert_eq(list.count, 5u);
	cr_assert_eq(*stretches_find(&list, 5)->bytes, '0');
	cr_assert_eq(stretches_find(&list, 16)->start, 15u);
	cr_assert_eq(*stretches_find(&list, 16)->bytes, '0');
	cr_assert_eq(*stretches_find(&list, 25)->bytes, 'A');
	cr_assert_eq(stretches_find(&list, 39)->start, 30u);
	cr_assert_null(stretches_find(&list, 4));
	cr_assert_null(stretches_find(&list, 40));
	vector_release(&list);
	vector_release(&above);
	vector_release(&below);
}

Test(stretch, joins_neighbours_and_drops_what_has_no_bytes)
{
	struct stretches list = {0}, layer = {0};
	const char *bytes = "abcdefgh";

	push(&layer, 0, 2, bytes);
	push(&layer, 2, 4, bytes + 2);
	push(&layer, 4, 6, NULL);
	push(&layer, 6, 8, bytes + 6);
	stretches_lay_under(&list, &layer);
	stretches_finish(&list);
	cr_assert_eq(list.count, 2u);
	cr_assert_eq(list.items[0].end, 4u);
	cr_assert_eq(list.items[1].start, 6u);
	vector_release(&list);
	vector_release(&layer);
}

Test(stretch, agrees_with_painting_bytes_one_by_one)
{
	static uint8_t painted[256], source[256];
	struct stretches list = {0};
	uint32_t state = 1;

	for (int i = 0; i < 40; i++) {
		struct stretches layer = {0};
		uint32_t start, size;

		state = state * 1664525u + 1013904223u;
		start = state >> 24;
		size = state >> 16 & 31;
		if (start + size > 256)
			size = 256 - start;
		stretches_push(&layer, (struct stretch){start, start + size, source + start,
							(uint32_t)i});
		stretches_lay_under(&list, &layer);
		vector_release(&layer);
		memset(painted + start, 1, size);
		for (addr_t at = 0; at < 256; at++) {
			const struct stretch *found = stretches_find(&list, at);

			cr_assert_eq(found != NULL, painted[at] != 0);
			cr_assert(!found || found->bytes + (at - found->start) == source + at);
		}
	}
	vector_release(&list);
}
