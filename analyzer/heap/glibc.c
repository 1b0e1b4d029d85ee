#include "heap/glibc.h"

#include "base/search.h"
#include "heap/glibc_arenas.h"
#include "heap/glibc_bins.h"
#include "heap/glibc_cached.h"
#include "heap/glibc_find.h"
#include "heap/glibc_mapped.h"
#include "heap/glibc_walk.h"

#include <stdlib.h>

struct allocator {
	struct glibc glibc;
};

static void release(struct glibc *glibc)
{
	vector_release(&glibc->arenas);
	vector_release(&glibc->regions);
	vector_release(&glibc->cached);
	vector_release(&glibc->damaged);
}

static bool read_state(struct glibc *glibc)
{
	if (!glibc_find_main(glibc))
		return false;
	glibc_find_arenas(glibc);
	glibc_find_parameters(glibc);
	glibc_find_regions(glibc);
	glibc_find_cached(glibc);
	glibc_check_bins(glibc);
	if (glibc->damaged.count)
		qsort(glibc->damaged.items, glibc->damaged.count, sizeof(addr_t), addr_compare);
	return true;
}

static struct allocator *glibc_attach(struct target *target, struct error *err)
{
	struct allocator *allocator = calloc(1, sizeof(*allocator));
	struct glibc *glibc;
	bool is_read, failed;

	if (!allocator) {
		error_out_of_memory(err, "reading glibc's arenas");
		return NULL;
	}
	glibc = &allocator->glibc;
	glibc->target = target;
	glibc->image = target_image(target);
	glibc->anomalies = target_anomalies(target);
	is_read = read_state(glibc);
	failed = glibc->arenas.failed || glibc->regions.failed || glibc->cached.failed ||
		 glibc->damaged.failed;
	if (is_read && !failed)
		return allocator;
	if (failed)
		error_out_of_memory(err, "reading glibc's arenas");
	release(glibc);
	free(allocator);
	return NULL;
}

static void glibc_each(const struct allocator *allocator, const struct heap_visitor *visitor)
{
	const struct glibc *glibc = &allocator->glibc;
	struct glibc_extents extents = {0};

	if (visitor->state)
		vector_each (&glibc->arenas, arena)
			visitor->state(
				visitor->context,
				(struct address_range){*arena, *arena + glibc->format->bins +
								       ARENA_END});
	if (visitor->limits)
		visitor->limits(visitor->context, &glibc->limits);
	vector_each (&glibc->regions, region)
		glibc_walk_region(glibc, region, visitor, &extents);
	if (extents.failed)
		anomaly_record(
			glibc->anomalies, GLIBC_STAGE, 0,
			"too little memory to look for chunks with mappings of their own");
	else
		glibc_each_mapped(glibc, &extents, visitor);
	vector_release(&extents);
}

static void glibc_detach(struct allocator *allocator)
{
	release(&allocator->glibc);
	free(allocator);
}

const struct allocator_ops glibc_allocator = {
	.name = "glibc",
	.is_native = true,
	.attach = glibc_attach,
	.each = glibc_each,
	.detach = glibc_detach,
};
