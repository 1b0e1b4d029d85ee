#include "typing/heirs.h"

#include <stdlib.h>

/* A struct with more heirs is a base for everybody: that one of them fits means nothing. */
#define MOST_HEIRS 16

/* The direct heirs of type t: list[first[t]] … list[first[t + 1] - 1]. */
struct heirs {
	const struct debug_info *debug;
	uint32_t *first, *list;
};

uint32_t heirs_first_member(const struct debug_info *debug, uint32_t id)
{
	const struct debug_type *type = debug_type(debug, id);
	const struct debug_member *member;

	if (type->kind != DEBUG_STRUCT || !type->member_count)
		return DEBUG_NONE;
	member = debug_member(debug, type->first_member);
	if (member->offset || member->bit_size || member->type == DEBUG_NONE ||
	    debug_type(debug, member->type)->kind != DEBUG_STRUCT)
		return DEBUG_NONE;
	return member->type;
}

struct heirs *heirs_create(const struct debug_info *debug)
{
	struct heirs *heirs = calloc(1, sizeof(*heirs));
	uint32_t total = (uint32_t)debug_type_count(debug);

	if (!heirs)
		return NULL;
	heirs->debug = debug;
	heirs->first = calloc((size_t)total + 2, sizeof(*heirs->first));
	heirs->list = calloc((size_t)total + 1, sizeof(*heirs->list));
	if (!heirs->first || !heirs->list) {
		heirs_free(heirs);
		return NULL;
	}
	/* Counted one place too far, so that filling moves each start to where it belongs. */
	for (uint32_t i = 0; i < total; i++)
		if (heirs_first_member(debug, i) != DEBUG_NONE)
			heirs->first[heirs_first_member(debug, i) + 2]++;
	for (uint32_t i = 2; i < total + 2; i++)
		heirs->first[i] += heirs->first[i - 1];
	for (uint32_t i = 0; i < total; i++)
		if (heirs_first_member(debug, i) != DEBUG_NONE)
			heirs->list[heirs->first[heirs_first_member(debug, i) + 1]++] = i;
	return heirs;
}

void heirs_free(struct heirs *heirs)
{
	if (!heirs)
		return;
	free(heirs->first);
	free(heirs->list);
	free(heirs);
}

const struct debug_info *heirs_debug(const struct heirs *heirs)
{
	return heirs->debug;
}

static bool is_same(const struct debug_type *left, const struct debug_type *right)
{
	return left->size == right->size && *left->name && !strcmp(left->name, right->name);
}

size_t heirs_find(const struct heirs *heirs, uint32_t type, uint64_t least, uint64_t most,
		  uint32_t *ret)
{
	uint64_t own = debug_type(heirs->debug, type)->size;
	uint32_t pending[MOST_HEIRS + 1] = {type};
	size_t known = 1, count = 0;

	for (size_t at = 0; at < known; at++) {
		uint32_t parent = pending[at];

		for (uint32_t i = heirs->first[parent]; i < heirs->first[parent + 1]; i++) {
			uint32_t id = heirs->list[i];
			const struct debug_type *heir = debug_type(heirs->debug, id);

			if (known > MOST_HEIRS)
				return HEIRS_MANY;
			pending[known++] = id;
			if (heir->size <= own || heir->size < least || heir->size > most ||
			    (count && is_same(heir, debug_type(heirs->debug, *ret))))
				continue;
			count += *heir->name ? 1 : HEIRS_MANY;
			*ret = id;
		}
	}
	return count < HEIRS_MANY ? count : HEIRS_MANY;
}
