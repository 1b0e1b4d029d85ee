#include "core/stretch.h"

#include "base/search.h"

#include <stdlib.h>

void stretches_push(struct stretches *list, struct stretch stretch)
{
	if (stretch.start < stretch.end)
		vector_push(list, stretch);
}

static int compare(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->origin < b->origin ? -1 : a->origin > b->origin;
}

static void sort(struct stretches *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare);
}

static void push_part(struct stretches *list, struct stretch whole, addr_t start, addr_t end)
{
	if (whole.bytes)
		whole.bytes += start - whole.start;
	whole.start = start;
	whole.end = end;
	stretches_push(list, whole);
}

/*
 * Adds the gaps of the first `known` items that lie in [start, whole.end).  Returns the first
 * known item that does not end before that.
 */
static size_t push_gaps(struct stretches *list, size_t known, size_t next, struct stretch whole,
			addr_t start)
{
	while (start < whole.end) {
		addr_t end = whole.end;

		while (next < known && list->items[next].end <= start)
			next++;
		if (next < known && list->items[next].start <= start) {
			start = list->items[next].end;
			continue;
		}
		if (next < known && list->items[next].start < end)
			end = list->items[next].start;
		push_part(list, whole, start, end);
		start = end;
	}
	return next;
}

void stretches_lay_under(struct stretches *list, struct stretches *layer)
{
	size_t known = list->count, next = 0;
	addr_t done = 0;

	sort(layer);
	// Starts ascend and `done` never falls, so one walk over the known items is enough.
	vector_each (layer, stretch) {
		next = push_gaps(list, known, next, *stretch,
				 stretch->start > done ? stretch->start : done);
		if (stretch->end > done)
			done = stretch->end;
	}
	if (layer->failed)
		list->failed = true;
	sort(list);
}

void stretches_finish(struct stretches *list)
{
	size_t kept = 0;

	vector_each (list, stretch) {
		struct stretch *last = kept ? &list->items[kept - 1] : NULL;

		if (!stretch->bytes)
			continue;
		if (last && last->end == stretch->start &&
		    last->bytes + (last->end - last->start) == stretch->bytes)
			last->end = stretch->end;
		else
			list->items[kept++] = *stretch;
	}
	list->count = kept;
}

const struct stretch *stretches_find(const struct stretches *list, addr_t address)
{
	size_t at = count_leading(list->count, i, list->items[i].end <= address);

	return at < list->count && list->items[at].start <= address ? &list->items[at] : NULL;
}
