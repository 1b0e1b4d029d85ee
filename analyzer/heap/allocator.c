#include "heap/allocator.h"

#include "heap/glibc.h"
#include "heap/pymalloc.h"

const struct allocator_ops *const allocators[] = {
	&glibc_allocator,
	&pymalloc_allocator,
	NULL,
};
