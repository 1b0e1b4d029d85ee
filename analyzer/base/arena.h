/*
 * Memory that is freed all at once: the small, many, immutable things of one stage
 * (names, paths, plans).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/types.h"

struct arena;

/* NULL when out of memory. */
struct arena *arena_create(void);
void arena_free(struct arena *arena);

/* Zeroed, aligned to 16; lives as long as the arena.  NULL when out of memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies; NULL when out of memory. */
char *arena_string(struct arena *arena, const char *text);
char *arena_string_n(struct arena *arena, const char *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
