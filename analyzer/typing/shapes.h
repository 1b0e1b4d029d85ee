/*
 * What a pointer says about the memory that it points to: a shape for each C type, with the
 * places of the pointers in it, compiled once from the debug info of its module.  Shapes of
 * different modules that C calls the same have the same `same`.
 *
 * Refuses to know: memory, blocks.
 */
#ifndef TYPING_SHAPES_H
#define TYPING_SHAPES_H

#include "base/cleanup.h"
#include "target/target.h"

enum shape_kind {
	SHAPE_NONE,    /* void, functions: says nothing */
	SHAPE_TEXT,    /* char: says text, if the bytes agree */
	SHAPE_NUMBER,  /* an array of numbers or enumerators */
	SHAPE_POINTER, /* an array of pointers */
	SHAPE_OPAQUE,  /* a struct that no module defines */
	SHAPE_STRUCT,  /* a struct or a union */
};

/*
 * Pointers of a struct that mean the same: one, those of an array, or those of an array's
 * structs, for which there are two numbers.  A number of 0: as many as there is room for.
 */
struct shape_slot {
	uint32_t offset; /* bytes, of the first */
	uint32_t shape;  /* of what it points to; never SHAPE_NONE or known */
	uint32_t counts[2], strides[2];
	const char *name; /* the member's path: "ceval.pending" */
};

#define SHAPE_MISSING UINT32_MAX

struct shape {
	enum shape_kind kind;
	const struct debug_info *debug;
	uint32_t type; /* in debug */
	uint64_t size; /* bytes; 0: unknown */
	uint32_t same; /* the first shape of the same kind, name and size */
	bool is_open;  /* ends with an array of any length */
	bool is_known; /* its memory is known otherwise: pointers to it say nothing new */
	bool is_compiled;
	struct shape_slot *slots; /* [slot_count]; once compiled */
	size_t slot_count;
	uint32_t *pointers; /* [pointer_count]: bytes to each pointer, whatever it points to */
	size_t pointer_count;
	bool is_barren;      /* asked, and no struct begins with it */
	const char *text[2]; /* as C has it: of one, of an array; NULL: not asked for yet */
};

struct shapes;

/* known: NULL-terminated tags of structs whose memory is known otherwise; outlive the shapes. */
struct shapes *shapes_create(struct target *target, const char *const *known);
void shapes_free(struct shapes *shapes);
DEFINE_CLEANUP(struct shapes *, shapes_free)

/*
 * The shape of a type; of an array its elements', how many in *ret_count (0: open).
 * SHAPE_MISSING when out of memory.  ret_count may be NULL.
 */
uint32_t shapes_of_type(struct shapes *shapes, const struct debug_info *debug, uint32_t type,
			uint32_t *ret_count);

/* Lives until the next shape is made.  `compiled`: its slots are there. */
const struct shape *shapes_get(const struct shapes *shapes, uint32_t shape);
const struct shape *shapes_compiled(struct shapes *shapes, uint32_t shape);

/* "struct node", "struct node *[]"; lives as long as the shapes. */
const char *shapes_text(struct shapes *shapes, uint32_t shape, bool is_array);

/* Does a struct begin with the other one, or is it the same? */
bool shapes_begins_with(const struct shapes *shapes, uint32_t shape, uint32_t other);

/*
 * How many structs of any module begin with this one, are larger, and have a size between two
 * limits: 0, 1 (then it is in *ret), or more; more also where there are too many to tell.
 */
size_t shapes_heirs(struct shapes *shapes, uint32_t shape, uint64_t least, uint64_t most,
		    uint32_t *ret);

bool shapes_failed(const struct shapes *shapes);

#endif
