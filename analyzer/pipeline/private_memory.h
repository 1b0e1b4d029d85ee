/*
 * Blocks that no layout explains, but that only one object's memory refers to: what a C library
 * keeps behind a handle that the object has.  They belong to the object.
 *
 * References are words that are an address within the block.  Those of owned memory whose
 * contents are not understood, of objects of C types, of unexplained blocks and of all other
 * writable memory count; those of stacks and of freed memory do not.  Of several objects the
 * owner is the one that all the others keep alive: an array, and not its views.  A block to which
 * other memory refers, or of which it is not known whose it is, stays without an owner.
 */
#ifndef PIPELINE_PRIVATE_MEMORY_H
#define PIPELINE_PRIVATE_MEMORY_H

#include "pipeline/collect.h"

#define KIND_PRIVATE "private"

/* Adds claims of KIND_PRIVATE to the collection, and their bytes to their owners' owned_size. */
bool private_memory_find(const struct image *image, struct collection *collection,
			 struct graph *graph, struct error *err);

#endif
