/*
 * C types for memory that has none: from typed places (variables of modules, structs that are
 * known) their pointers are followed into blocks, and from these on, as long as what a pointer
 * says fits the block.  What two pointers say differently of one block leaves it unknown.
 *
 * Refuses to know: objects, allocators, snapshots.
 */
#ifndef TYPING_TYPEGRAPH_H
#define TYPING_TYPEGRAPH_H

#include "typing/fit.h"

struct typegraph;

/* See shapes_create() for `known`. */
struct typegraph *typegraph_create(struct target *target, const char *const *known,
				   struct error *err);
void typegraph_free(struct typegraph *graph);
DEFINE_CLEANUP(struct typegraph *, typegraph_free)

/* Blocks in use that a type is wanted for, in any order. */
void typegraph_add_block(struct typegraph *graph, const struct fit_block *block);

/*
 * The variables of all modules that have debug info.  It is read where it was not yet, except
 * of modules of more than 64 MiB.
 */
void typegraph_add_variables(struct typegraph *graph);

/*
 * Places of a struct that the caller knows: first what they are, once, and then each of them.
 * False if the struct has no pointers that would say anything.  The label, a name from code,
 * begins the evidence, and outlives the graph.
 */
bool typegraph_add_source(struct typegraph *graph, const struct debug_info *debug,
			  uint32_t type, const char *label, uint32_t *ret);
void typegraph_add_place(struct typegraph *graph, uint32_t source, addr_t address,
			 uint64_t size);

bool typegraph_solve(struct typegraph *graph, struct error *err);

/* After solving: what a block is. */
struct typing {
	const char *kind; /* "struct node", "struct node *[]"; lives as long as the graph */
	enum type_confidence confidence;
	uint32_t block; /* for typegraph_evidence() */
};
/* By the address of the block's first byte; false if no type was found. */
bool typegraph_find(struct typegraph *graph, addr_t address, struct typing *ret);

/* "table->buckets[]->next": how the block was reached; long chains without their middle. */
#define EVIDENCE_SIZE 160
void typegraph_evidence(const struct typegraph *graph, uint32_t block, char *ret, size_t size);

/* The struct of a typed block; for who wants to know its members.  False: none. */
bool typegraph_struct(const struct typegraph *graph, uint32_t block,
		      const struct debug_info **ret_debug, uint32_t *ret_type);

#endif
