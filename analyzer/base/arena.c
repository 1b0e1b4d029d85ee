#include "base/arena.h"

#include <stdarg.h>
#include <stdlib.h>

#define SLAB_SIZE ((size_t)64 << 10)
#define ALIGNMENT ((size_t)16)

struct slab {
	struct slab *next;
	size_t used;
	size_t size;
	_Alignas(16) char data[];
};

struct arena {
	struct slab *slabs; /* the newest first; only it has room */
};

static struct slab *slab_create(size_t size)
{
	struct slab *slab = calloc(1, sizeof(*slab) + size);

	if (slab)
		slab->size = size;
	return slab;
}

struct arena *arena_create(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct slab *next;

	if (!arena)
		return;
	for (struct slab *slab = arena->slabs; slab; slab = next) {
		next = slab->next;
		free(slab);
	}
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct slab *slab = arena->slabs;
	void *ret;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!slab || slab->size - slab->used < size) {
		slab = slab_create(size > SLAB_SIZE ? size : SLAB_SIZE);
		if (!slab)
			return NULL;
		slab->next = arena->slabs;
		arena->slabs = slab;
	}
	ret = slab->data + slab->used;
	slab->used += size;
	return ret;
}

char *arena_string_n(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
	return arena_string_n(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length >= 0)
		text = arena_alloc(arena, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}
