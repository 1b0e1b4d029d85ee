/*
 * A set of strings, each with a number: 0, 1, 2 … in the order of first mention.
 * Labels, type names, paths.  Not for data of the process, of which there is no end.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/types.h"

struct names;

#define NAME_NONE UINT32_MAX

struct names *names_create(void);
void names_free(struct names *names);

/* The number of text, new or known.  NAME_NONE when out of memory. */
uint32_t names_add(struct names *names, const char *text);

uint32_t names_count(const struct names *names);

/* Lives as long as the set. */
const char *names_get(const struct names *names, uint32_t id);

#endif
