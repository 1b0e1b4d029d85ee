#include "base/vector.h"

#include <stdlib.h>

bool vector_grow(void *items, size_t *capacity, size_t wanted, size_t item_size, bool *failed)
{
	size_t grown = *capacity + *capacity / 2 + 16;
	void *moved = NULL;

	if (grown < wanted)
		grown = wanted;
	if (grown <= SIZE_MAX / item_size)
		moved = realloc(*(void **)items, grown * item_size);
	if (!moved) {
		*failed = true;
		return false;
	}
	*(void **)items = moved;
	*capacity = grown;
	return true;
}

void vector_free(void *items)
{
	free(items);
}
