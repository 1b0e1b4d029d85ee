#include "pipeline/leak_groups.h"

#include <criterion/criterion.h>

struct sample {
	struct collection collection;
	struct snapshot snapshot;
};

static void init(struct sample *sample)
{
	struct error err = {0};

	*sample = (struct sample){.snapshot = {.graph = NULL}};
	cr_assert(collection_init(&sample->collection, &err), "%s", err.message);
}

static void add(struct sample *sample, struct snapshot_leak leak, uint64_t size)
{
	leak.kind = LEAK_NATIVE;
	leak.object = OBJECT_NONE;
	leak.block = (uint32_t)sample->snapshot.blocks.count;
	leak.objects = 2;
	leak.bytes = 3 * size;
	vector_push(&sample->snapshot.leaks, leak);
	vector_push(&sample->snapshot.blocks,
		    ((struct snapshot_block){.size = size, .allocator = "glibc", .kind = ""}));
}

static const struct snapshot_leak_group *make(struct sample *sample, size_t expected)
{
	struct error err = {0};

	cr_assert(leak_groups_make(&sample->collection, &sample->snapshot, &err), "%s",
		  err.message);
	cr_assert_eq(sample->snapshot.leak_groups.count, expected);
	return sample->snapshot.leak_groups.items;
}

static void release(struct sample *sample)
{
	snapshot_release(&sample->snapshot);
	collection_release(&sample->collection);
}

Test(leak_groups, are_leaks_of_one_kind_grade_fingerprint_and_holder)
{
	struct sample sample;

	init(&sample);
	add(&sample, (struct snapshot_leak){.fingerprint = 1}, 24);
	add(&sample, (struct snapshot_leak){.fingerprint = 2}, 24);
	add(&sample, (struct snapshot_leak){.fingerprint = 1, .grade = GRADE_PROBABLE}, 24);
	add(&sample, (struct snapshot_leak){.fingerprint = 1, .holder = "a.so"}, 24);
	add(&sample, (struct snapshot_leak){.fingerprint = 1}, 24);
	make(&sample, 4);
	cr_expect_eq(sample.snapshot.leaks.items[4].group, 0u);
	cr_expect_eq(sample.snapshot.leaks.items[3].group, 3u);
	cr_expect_eq(sample.snapshot.leak_groups.items[0].leaks, 2u);
	release(&sample);
}

Test(leak_groups, have_sums_and_their_largest_for_an_example)
{
	struct sample sample;
	const struct snapshot_leak_group *group;

	init(&sample);
	add(&sample, (struct snapshot_leak){.fingerprint = 1}, 24);
	add(&sample, (struct snapshot_leak){.fingerprint = 1}, 40);
	add(&sample, (struct snapshot_leak){.fingerprint = 1}, 24);
	group = make(&sample, 1);
	cr_expect_eq(group->leaks, 3u);
	cr_expect_eq(group->objects, 6u);
	cr_expect_eq(group->bytes, 264u);
	cr_expect_eq(group->largest, 1u);
	release(&sample);
}

Test(leak_groups, are_named_by_what_their_blocks_hold_and_their_sizes)
{
	struct sample sample;
	const struct snapshot_leak_group *groups;

	init(&sample);
	add(&sample, (struct snapshot_leak){.fingerprint = 1}, 24);
	add(&sample, (struct snapshot_leak){.fingerprint = 2, .what = "text"}, 40);
	add(&sample, (struct snapshot_leak){.fingerprint = 2, .what = "text"}, 24);
	sample.snapshot.blocks.items[0].kind = "struct node";
	groups = make(&sample, 2);
	cr_expect_str_eq(groups[0].type, "struct node of 24 bytes");
	cr_expect_str_eq(groups[1].type, "text of 24 to 40 bytes");
	release(&sample);
}
