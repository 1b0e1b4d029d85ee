/*
 * What objects are called: by their type or, where the program's code names them (functions,
 * classes, modules, frames, generators), by that name.  And which dict keys are names that
 * code spells, rather than data.
 */
#ifndef PIPELINE_OBJECT_NAMES_H
#define PIPELINE_OBJECT_NAMES_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

enum object_role {
	ROLE_INSTANCE,
	ROLE_CONTAINER, /* written as a part of what holds it */
	ROLE_CLASS,
	ROLE_MODULE,
	ROLE_CALL, /* a frame, a generator or a coroutine */
	ROLE_FUNCTION,
	ROLE_NAMESPACE /* a module's dict */
};

struct object_names;

/* The collection, the graph and the values outlive it.  NULL when out of memory. */
struct object_names *object_names_create(const struct collection *collection,
					 const struct snapshot *snapshot, struct names *names);
void object_names_free(struct object_names *names);

enum object_role object_role(const struct object_names *names, uint32_t object);

/* "app.Node", "list", "function handle.<locals>.again", "class app.Node": a number in names. */
uint32_t object_name(struct object_names *names, uint32_t object);

/* The key of a dict's entry, if code spells it; NAME_NONE: it is data. */
uint32_t object_key_name(struct object_names *names, uint32_t key);

/* The variable in the cell at that place of a function's closure; NAME_NONE: unknown. */
uint32_t object_closure_name(struct object_names *names, uint32_t function, uint32_t closure,
			     uint32_t place);

#endif
