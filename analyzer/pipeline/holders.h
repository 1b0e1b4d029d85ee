/*
 * Who holds an object, as a place in the program's source: app.Row.country, app.ROWS[]['name'].
 * It is the end of the object's path, so that objects from one place have one holder.
 *
 *   steps   references backwards along the path, through containers that have no name, up to
 *   end     the nearest instance (by its type), class or module; a root; or, where that is
 *           too far, the last container's type
 */
#ifndef PIPELINE_HOLDERS_H
#define PIPELINE_HOLDERS_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

#define HOLDER_STEPS   6
#define HOLDER_ANY_KEY (OBJECT_NONE - 1)

/* A key is a name where so many objects are held by it, or as many KiB; else it is data. */
#define HOLDER_NAME_WEIGHT 16

enum holder_end { HOLDER_NOBODY, HOLDER_TYPE, HOLDER_OBJECT, HOLDER_ROOT };

/* Equal holders are equal byte by byte. */
struct holder {
	uint32_t end; /* enum holder_end */
	uint32_t at;  /* number of the type, object or root */
	uint32_t steps;
	uint32_t labels[HOLDER_STEPS]; /* the object's own first */
	/* Of a value in a dict: the first of the texts that are equal to its key, or
	 * HOLDER_ANY_KEY; else OBJECT_NONE. */
	uint32_t keys[HOLDER_STEPS];
};

struct holder_source {
	const struct collection *collection;
	const struct snapshot *snapshot;
	/* [object_count] of each text the first that is equal; OBJECT_NONE: it is no text. */
	const uint32_t *first_equal;
	uint32_t *weight; /* [object_count] of such a first text as a key */
	uint32_t item_label, key_label, value_label; /* "[]", "key", "value" */
};

/* False: out of memory. */
bool holder_source_init(struct holder_source *source, const struct collection *collection,
			const struct snapshot *snapshot, const uint32_t *first_equal);
void holder_source_release(struct holder_source *source);

/* To be called for all objects before holder_of() is asked for the first of them. */
void holder_weigh(struct holder_source *source, uint32_t object, uint64_t bytes);
struct holder holder_of(const struct holder_source *source, uint32_t object);

/* Is the object the namespace of a module or class, or a table of the runtime's? */
bool holder_is_runtime(const struct holder_source *source, const struct holder *holder);

/* In the collection's arena; NULL when out of memory. */
const char *holder_text(const struct holder_source *source, const struct holder *holder);

#endif
