/*
 * A path as an expression that a programmer would type: modules['app'].CACHE['k3'].parent.
 *
 * Refuses to know: where paths are kept, in arrays or in a snapshot: see expression_source.
 */
#ifndef ANALYSIS_EXPRESSION_H
#define ANALYSIS_EXPRESSION_H

#include "base/types.h"

/* Bytes that an expression never needs more of. */
#define EXPRESSION_SIZE 2048

/* Of a path of more steps the first and the last ones are written. */
enum { EXPRESSION_STEPS = 24, EXPRESSION_FIRST = 8, EXPRESSION_LAST = 6 };

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

/* An expression in the making: a start, then the steps from there on, then the end. */
struct expression {
	char text[EXPRESSION_SIZE];
	size_t length;
	bool in_namespace; /* the last step was one, and is not written yet */
};
void expression_start(struct expression *expression, const char *text);
void expression_append(struct expression *expression, const struct expression_step *step);
/* In place of so many steps that are left out. */
void expression_skip(struct expression *expression, uint32_t steps);
void expression_finish(struct expression *expression);

/* The path of an object, into ret->text; false if there is none. */
bool expression_write(const struct expression_source *source, uint32_t object,
		      struct expression *ret);

/* What has no root: "<leaked app.Node at 0x7f12>"; state is objects.state. */
void expression_write_rootless(const char *state, const char *type, addr_t address, char *ret,
			       size_t size);

#endif
