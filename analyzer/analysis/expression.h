/*
 * A path as an expression that a programmer would type: modules['app'].CACHE['k3'].parent.
 *
 * Refuses to know: where paths are kept, in arrays or in a snapshot: see expression_source.
 */
#ifndef ANALYSIS_EXPRESSION_H
#define ANALYSIS_EXPRESSION_H

#include "base/types.h"

/* Bytes that an expression never needs more of: what is longer is cut in the middle. */
#define EXPRESSION_SIZE 2048

/* One step of a path, from the object before to an object; texts live until the next call. */
struct expression_step {
	uint32_t parent; /* OBJECT_NONE: the path begins at this object; nothing else is set */
	uint32_t jump, depth; /* see analysis/paths.h */
	uint32_t ordinal;     /* refs.ordinal */
	const char *label;    /* "[]", "key", "value", a name */
	/* How a person writes the label; NULL: as it is; "": a namespace, whose values are
	 * attributes. */
	const char *expression;
	const char *key_type, *key_value; /* of a "value"; NULL: not known */
};

/* Both: false if that is not to be had (not in the snapshot, out of memory). */
struct expression_source {
	void *context;
	bool (*step)(void *context, uint32_t object, struct expression_step *ret);
	/* Text for the object where a path begins. */
	bool (*start)(void *context, uint32_t object, char *ret, size_t size);
};

/* The path of an object; false if there is none.  ret has EXPRESSION_SIZE bytes. */
bool expression_write(const struct expression_source *source, uint32_t object, char *ret);

/* "[3]", ".name", "['user']": one step alone; after_namespace: the step before was one. */
void expression_write_step(const struct expression_step *step, bool after_namespace, char *ret,
			   size_t size);
bool expression_is_namespace(const struct expression_step *step);

/* What has no root: "<leaked app.Node at 0x7f12>"; state is objects.state. */
void expression_write_rootless(const char *state, const char *type, addr_t address, char *ret,
			       size_t size);

#endif
