#include "pipeline/contents.h"
#include "support/snapshot_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { TUPLE, INT, LIST };

/* The number of an int is in the test's array, by its address. */
static uint64_t values[64];

static enum content_kind content(struct runtime *runtime, uint32_t type, addr_t object,
				 uint64_t *ret)
{
	(void)runtime;
	*ret = values[object / 64];
	return type == TUPLE ? CONTENT_REFERENCES
	       : type == INT ? CONTENT_VALUE
			     : CONTENT_CHANGES;
}

/* The content of a tuple of three items and an attribute. */
static uint64_t tuple_content(const uint32_t *items, uint32_t attribute)
{
	CLEANUP(snapshot_builder_freep)
	struct snapshot_builder *builder = snapshot_builder_create();
	const struct runtime_ops runtime = {.content = content};
	struct collection collection = {.labels = builder_snapshot(builder)->labels};
	CLEANUP_FREE uint64_t *numbers = NULL;

	for (uint32_t i = 0; i < 8; i++)
		builder_object(builder, (struct built_object){.address = 64 + i * 64,
							      .type = i == 0   ? TUPLE
								      : i == 7 ? LIST
									       : INT,
							      .size = 64});
	for (uint32_t i = 0; i < 3; i++)
		builder_reference(builder, 0, "[]", items[i], REFERENCE_TRAVERSED);
	builder_reference(builder, 0, "__dict__", attribute, REFERENCE_TRAVERSED);
	builder_reference(builder, 0, ".weak", attribute, REFERENCE_WEAK);
	numbers = contents_compute(&collection, builder_finish(builder)->graph, &runtime, NULL);
	cr_assert(numbers);
	cr_assert_eq(numbers[7], 0u);
	cr_assert_neq(numbers[1], 0u);
	return numbers[0];
}

Test(contents, of_a_tuple_are_its_items_in_their_order)
{
	uint64_t one = tuple_content((const uint32_t[]){1, 2, 7}, 5);

	cr_assert_eq(one, tuple_content((const uint32_t[]){1, 2, 7}, 5));
	cr_assert_neq(one, tuple_content((const uint32_t[]){2, 1, 7}, 5));
	cr_assert_neq(one, tuple_content((const uint32_t[]){1, 2, 6}, 5));
}

Test(contents, of_a_tuple_are_not_its_attributes)
{
	cr_assert_eq(tuple_content((const uint32_t[]){1, 2, 7}, 5),
		     tuple_content((const uint32_t[]){1, 2, 7}, 6));
}

Test(contents, of_a_tuple_are_the_values_of_its_items)
{
	uint64_t before = tuple_content((const uint32_t[]){1, 2, 7}, 5);

	values[2] = 99; /* object 1 is another number at the same address */
	cr_assert_neq(before, tuple_content((const uint32_t[]){1, 2, 7}, 5));
}
