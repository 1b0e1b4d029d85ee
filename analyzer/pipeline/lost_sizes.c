#include "pipeline/lost_sizes.h"

#define STEP       16u /* bytes from one size to the next */
#define MANY_TIMES 4u  /* as many blocks: what is common, beside the exception */

static uint64_t count_of(const struct lost_sizes *sizes, uint64_t size)
{
	const uint32_t *count = key_map_find(&sizes->counts, key_mix(1, size));

	return count ? *count : 0;
}

void lost_sizes_count(struct lost_sizes *sizes, uint64_t size)
{
	uint32_t *count = size ? key_map_add(&sizes->counts, key_mix(1, size), 0) : NULL;

	if (count)
		++*count;
	sizes->failed |= sizes->counts.failed;
}

uint64_t lost_sizes_common(const struct lost_sizes *sizes, uint64_t size)
{
	uint64_t below = size > STEP ? count_of(sizes, size - STEP) : 0;

	return below && below >= MANY_TIMES * count_of(sizes, size) ? size - STEP : size;
}

void lost_sizes_release(struct lost_sizes *sizes)
{
	key_map_release(&sizes->counts);
}
