/*
 * Binary search, and the order that it needs.
 */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include "base/types.h"

/*
 * How many of the numbers from 0 to `total` meet a condition that holds up to one of them and
 * for none after it:
 *
 *	size_t below = count_leading(list->count, i, list->items[i].start <= address);
 *
 * So the last that meets it is `below` - 1, and the first that does not is `below`.
 */
#define count_leading(total, index, condition)                                            \
	__extension__({                                                                   \
		size_t index##_low_ = 0, index##_high_ = (total);                         \
		while (index##_low_ < index##_high_) {                                    \
			size_t index = index##_low_ + (index##_high_ - index##_low_) / 2; \
			if (condition)                                                    \
				index##_low_ = index + 1;                                 \
			else                                                              \
				index##_high_ = index;                                    \
		}                                                                         \
		index##_low_;                                                             \
	})

/* Of addr_t, for qsort() and bsearch(). */
static inline int addr_compare(const void *left, const void *right)
{
	addr_t a = *(const addr_t *)left, b = *(const addr_t *)right;

	return a < b ? -1 : a > b;
}

#endif
