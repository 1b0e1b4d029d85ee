#include "heap/allocator.h"

#include "heap/pymalloc.h"

const struct allocator_ops *const allocators[] = {
	&pymalloc_allocator,
	NULL,
};
