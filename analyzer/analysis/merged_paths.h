/*
 * The paths of many objects as one tree: steps that are alike are one branch, with the number of
 * objects that hang on it.
 *
 * Alike are: the same name of an attribute or member; all items of a list, all values of a dict.
 * Values are told apart by their keys where a person would: in namespaces, and in a dict of few
 * that is the only one of its branch.  A name that repeats itself, as in a linked list or in a
 * tree of nodes, leads back to the branch that has it.
 */
#ifndef ANALYSIS_MERGED_PATHS_H
#define ANALYSIS_MERGED_PATHS_H

#include "base/error.h"
#include "base/vector.h"
#include "graph/graph.h"

enum path_role {
	PATH_NAME,      /* an attribute, a member */
	PATH_NAMESPACE, /* a dict whose values are attributes */
	PATH_ITEM,      /* of a list */
	PATH_VALUE,     /* of a dict */
};

/* The last step of each object's path: see analysis/paths.h. */
struct path_steps {
	uint32_t object_count, label_count;
	const uint32_t *parent; /* [object_count]; OBJECT_NONE: the path begins here */
	const uint32_t *label;  /* [object_count] where the path begins: a number for its start */
	const uint32_t *key;    /* [object_count] of a value: its key; OBJECT_NONE */
	const uint8_t *role;    /* [label_count] enum path_role */
	const bool *is_namespace; /* by number of a start: its values are told apart by their keys */
};

struct path_branch {
	uint32_t parent; /* index; OBJECT_NONE: it is a start */
	uint32_t label;  /* of the step, or the number of the start */
	uint32_t key;    /* of one value; OBJECT_NONE: of all of them, or it is none */
	uint32_t example; /* an object of it that was added, or below it */
	bool repeats;     /* steps of its name lead back to it */
	bool is_single;   /* no items or values were merged on the way */
	uint64_t objects, bytes; /* that were added: here alone, and not further down */
	uint64_t total_objects, total_bytes; /* and further down: after merged_paths_sum */
	uint32_t first_child, next; /* of merged_paths.c */
};

struct merged_paths {
	struct path_steps steps;
	/* A branch's parent comes before it. */
	VECTOR_OF(struct path_branch) branches;
	uint32_t *branch_of; /* [object_count]; OBJECT_NONE: not asked for yet */
	uint32_t *children;  /* [object_count] objects whose parent it is */
	uint32_t *chain;     /* [object_count] scratch */
	uint32_t first_start;
};

bool merged_paths_init(struct merged_paths *merged, const struct path_steps *steps,
		       struct error *err);
/* An object of so many bytes that the tree is about.  False when out of memory. */
bool merged_paths_add(struct merged_paths *merged, uint32_t object, uint64_t bytes);
/* Sums up, once all are added. */
void merged_paths_sum(struct merged_paths *merged);
void merged_paths_release(struct merged_paths *merged);

#endif
