/*
 * Growing arrays: struct { type *items; size_t count, capacity; bool failed; }.
 * A failed allocation drops the item and sets `failed`; whoever fills a vector in a loop
 * checks that once, at the end.  A zeroed vector is empty and ready.
 */
#ifndef BASE_VECTOR_H
#define BASE_VECTOR_H

#include "base/types.h"

#define VECTOR_OF(type)          \
	struct {                 \
		type *items;     \
		size_t count;    \
		size_t capacity; \
		bool failed;     \
	}

/* Room for `extra` more items; false (and `failed`) where there is none. */
#define vector_reserve(vector, extra)                                                  \
	((vector)->count + (extra) <= (vector)->capacity ||                            \
	 vector_grow(&(vector)->items, &(vector)->capacity, (vector)->count + (extra), \
		     sizeof(*(vector)->items), &(vector)->failed))

#define vector_push(vector, item)                                                        \
	(vector_reserve(vector, 1) ? ((vector)->items[(vector)->count++] = (item), true) \
				   : false)

#define vector_each(vector, pointer)                                                 \
	for (__typeof__(*(vector)->items) *                                          \
		     pointer = (vector)->items,                                      \
		    *pointer##_end_ = pointer ? pointer + (vector)->count : pointer; \
	     pointer < pointer##_end_; pointer++)

#define vector_release(vector)                                                      \
	(vector_free((vector)->items), (vector)->items = NULL, (vector)->count = 0, \
	 (vector)->capacity = 0, (void)0)

/* Behind the macros.  `items` is a pointer to the array pointer. */
bool vector_grow(void *items, size_t *capacity, size_t wanted, size_t item_size, bool *failed);
void vector_free(void *items);

#endif
