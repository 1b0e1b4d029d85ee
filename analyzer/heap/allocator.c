#include "heap/allocator.h"

#include "base/search.h"
#include "heap/glibc.h"
#include "heap/pymalloc.h"

const struct allocator_ops *const allocators[] = {
	&glibc_allocator,
	&pymalloc_allocator,
	NULL,
};

const struct block_report *block_among(const struct block_report *blocks, size_t total,
				       addr_t address)
{
	size_t count = count_leading(total, i, blocks[i].address <= address);
	const struct block_report *block = count ? &blocks[count - 1] : NULL;

	return block && address - block->address < block->size ? block : NULL;
}
