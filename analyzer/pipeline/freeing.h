/*
 * Frees objects in a simulation, with everything that dies with them: what they dominate, and the
 * raw blocks that only they own.
 *
 * The order is that of reference counting: what an object refers to goes before the object's own
 * memory, by its references; lists and tuples let go from their end.  What is left then, and died
 * with a cycle, follows.  Free lists of the runtime are taken as empty and staying so.
 */
#ifndef PIPELINE_FREEING_H
#define PIPELINE_FREEING_H

#include "analysis/dominator_tree.h"
#include "heap/give_back.h"
#include "pipeline/collect.h"
#include "store/snapshot.h"

struct freeing;

/* NULL (and *err) when out of memory.  What it is made of must outlive it. */
struct freeing *freeing_create(const struct collection *collection,
			       const struct snapshot *snapshot,
			       const struct dominator_tree *tree, struct error *err);
void freeing_free(struct freeing *freeing);
DEFINE_CLEANUP(struct freeing *, freeing_free)

/* Nothing is freed yet. */
void freeing_begin(struct freeing *freeing);

void freeing_object(struct freeing *freeing, uint32_t object);
/* All that the object holds alone, and its raw blocks, but not itself: list.clear(), say. */
void freeing_contents(struct freeing *freeing, uint32_t object);
/* A block by itself: snapshot->blocks has it. */
void freeing_row(struct freeing *freeing, uint32_t row);

/* Since freeing_begin(). */
struct given_back freeing_result(const struct freeing *freeing);
/* False if the memory was not enough for the last ones. */
bool freeing_is_whole(const struct freeing *freeing);

#endif
