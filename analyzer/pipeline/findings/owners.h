/*
 * Who has the live objects' bytes: the tree of best paths (analysis/paths.h), and where in it
 * bytes accumulate (analysis/accumulation.h).
 *
 * What every program has counts for nothing: modules, classes, functions, code and its
 * constants, names and docstrings.  A bare interpreter has no owner worth a finding.
 */
#ifndef PIPELINE_FINDINGS_OWNERS_H
#define PIPELINE_FINDINGS_OWNERS_H

#include "analysis/accumulation.h"
#include "pipeline/findings/kinds.h"
#include "pipeline/findings/shared.h"

struct owners {
	uint64_t least;   /* bytes from which on something is worth a finding */
	uint32_t *order;  /* [object_count] each after everything below it on paths */
	bool *is_entry;   /* [object_count] its path's last step is one into a container */
	uint64_t *native; /* [object_count] bytes of its own that are its C library's blocks */
	bool *is_program; /* [object_count] part of the program: a class, a module, a name */
	struct accumulations found; /* but for parts of the program: what is left of modules */
	struct shared_parts shared; /* what was found, too, and is told with those of `found` */
	uint32_t *owner; /* [object_count] the nearest of `found` up its path, or OBJECT_NONE */
	uint32_t *first; /* [found + 1] where in `members` those of one begin */
	uint32_t *members; /* [object_count at most] objects by owner, ascending */
};

bool owners_find(const struct findings *findings, struct owners *ret, struct error *err);
void owners_release(struct owners *owners);

/* The last step of the object's path leads into a namespace that nobody writes: __dict__. */
bool owners_is_namespace(const struct findings *findings, uint32_t object);
/* The object's path begins at it, held by a C variable or a word of native memory. */
bool owners_is_held_by_c(const struct findings *findings, uint32_t object);
/* The object that a person would name: itself, or whose namespace it is. */
uint32_t owners_named(const struct findings *findings, uint32_t object);

static inline uint64_t own_bytes(const struct graph *graph, uint32_t object)
{
	return graph->size[object] + graph->owned_size[object];
}

#endif
