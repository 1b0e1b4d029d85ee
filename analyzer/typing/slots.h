/*
 * Compiles where the pointers of a type stand.  Only for files of typing/.
 */
#ifndef TYPING_SLOTS_H
#define TYPING_SLOTS_H

#include "base/arena.h"
#include "typing/shapes.h"

/* Fills slots and pointers; names are in the arena.  False when out of memory. */
bool slots_compile(struct shapes *shapes, struct arena *arena, struct shape *shape);

#endif
