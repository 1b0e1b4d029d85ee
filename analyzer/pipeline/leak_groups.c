#include "pipeline/leak_groups.h"

#include "debuginfo/key_map.h"

#include <inttypes.h>

/* Of a group's blocks, in bytes. */
struct sizes {
	uint64_t least, most;
};

struct maker {
	const struct collection *collection;
	struct snapshot *snapshot;
	struct key_map known;
	VECTOR_OF(struct sizes) sizes; /* by group */
};

static uint64_t key_of(const struct snapshot_leak *leak)
{
	uint64_t key = key_mix(key_mix(key_mix(1, leak->kind), leak->grade), leak->fingerprint);

	return leak->holder ? key_mix_text(key, leak->holder) : key;
}

static uint64_t block_size(const struct maker *maker, const struct snapshot_leak *leak)
{
	return leak->block == OBJECT_NONE ? 0 : maker->snapshot->blocks.items[leak->block].size;
}

static void add_to_group(struct maker *maker, uint32_t index)
{
	const struct snapshot_leak *leak = &maker->snapshot->leaks.items[index];
	struct snapshot_leak_group *group = &maker->snapshot->leak_groups.items[leak->group];
	struct sizes *sizes = &maker->sizes.items[leak->group];
	uint64_t size = block_size(maker, leak);

	group->leaks++;
	group->objects += leak->objects;
	group->bytes += leak->bytes;
	if (leak->bytes > maker->snapshot->leaks.items[group->largest].bytes)
		group->largest = index;
	if (size < sizes->least)
		sizes->least = size;
	if (size > sizes->most)
		sizes->most = size;
}

static bool begin_group(struct maker *maker, uint32_t index)
{
	const struct snapshot_leak *leak = &maker->snapshot->leaks.items[index];

	vector_push(&maker->snapshot->leak_groups,
		    ((struct snapshot_leak_group){.kind = leak->kind,
						  .grade = leak->grade,
						  .fingerprint = leak->fingerprint,
						  .holder = leak->holder,
						  .evidence = leak->evidence,
						  .largest = index}));
	vector_push(&maker->sizes, ((struct sizes){UINT64_MAX, 0}));
	return !maker->snapshot->leak_groups.failed && !maker->sizes.failed;
}

static bool group_leaks(struct maker *maker)
{
	for (uint32_t i = 0; i < maker->snapshot->leaks.count; i++) {
		struct snapshot_leak *leak = &maker->snapshot->leaks.items[i];
		uint32_t fresh = (uint32_t)maker->snapshot->leak_groups.count;
		const uint32_t *group = key_map_add(&maker->known, key_of(leak), fresh);

		if (!group || (*group == fresh && !begin_group(maker, i)))
			return false;
		leak->group = *group;
		add_to_group(maker, i);
	}
	return true;
}

static const char *block_kind(const struct maker *maker, const struct snapshot_leak *leak)
{
	const struct snapshot_block *block =
		leak->block == OBJECT_NONE ? NULL : &maker->snapshot->blocks.items[leak->block];

	if (leak->what)
		return leak->what;
	if (block && *block->kind)
		return block->kind;
	return arena_format(maker->collection->arena, "%s block",
			    block ? block->allocator : "native");
}

/* "glibc block of 24 bytes", "text of 9 to 80 bytes". */
static const char *block_text(const struct maker *maker, uint32_t group)
{
	const struct snapshot_leak *leak =
		&maker->snapshot->leaks
			 .items[maker->snapshot->leak_groups.items[group].largest];
	const struct sizes *sizes = &maker->sizes.items[group];
	const char *kind = block_kind(maker, leak);

	if (!kind || !sizes->most)
		return kind;
	if (sizes->least == sizes->most)
		return arena_format(maker->collection->arena, "%s of %" PRIu64 " bytes", kind,
				    sizes->most);
	return arena_format(maker->collection->arena, "%s of %" PRIu64 " to %" PRIu64 " bytes",
			    kind, sizes->least, sizes->most);
}

static bool name_groups(const struct maker *maker)
{
	struct snapshot *snapshot = maker->snapshot;

	for (uint32_t i = 0; i < snapshot->leak_groups.count; i++) {
		struct snapshot_leak_group *group = &snapshot->leak_groups.items[i];
		uint32_t object = snapshot->leaks.items[group->largest].object;

		group->type =
			object == OBJECT_NONE
				? block_text(maker, i)
				: maker->collection->types.items[snapshot->graph->type[object]]
					  .name;
		if (!group->type)
			return false;
	}
	return true;
}

bool leak_groups_make(const struct collection *collection, struct snapshot *snapshot,
		      struct error *err)
{
	struct maker maker = {.collection = collection, .snapshot = snapshot};
	bool done = group_leaks(&maker) && name_groups(&maker);

	key_map_release(&maker.known);
	vector_release(&maker.sizes);
	return done || error_out_of_memory(err, "grouping leaks");
}
