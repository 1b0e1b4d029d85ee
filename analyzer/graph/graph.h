/*
 * The object graph of one process: immutable flat arrays.  Objects are numbered 0 … N-1 in
 * address order (the snapshot adds one).  References are stored by source (CSR), in the order
 * the runtime reported them, and by target.
 *
 * Refuses to know: where objects came from, files, SQL.  No I/O.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "base/cleanup.h"
#include "base/types.h"

#define OBJECT_NONE UINT32_MAX

/* refs.kind; the numbers are a promise to users. */
enum reference_kind {
	REFERENCE_TRAVERSED, /* counted, and reported by tp_traverse */
	REFERENCE_COUNTED,   /* counted, not traversed */
	REFERENCE_WEAK,
	REFERENCE_BORROWED, /* neither counted nor weak */
	REFERENCE_GUESS,    /* conservative: bytes that look like the address */
	REFERENCE_KINDS
};

static inline bool reference_is_counted(enum reference_kind kind)
{
	return kind <= REFERENCE_COUNTED;
}

enum object_flag {
	OBJECT_TRACKED = 1 << 0,  /* in one of the collector's lists */
	OBJECT_IMMORTAL = 1 << 1, /* its count means nothing */
	OBJECT_STATIC = 1 << 2,   /* in a module's data, not allocated */
	OBJECT_OPAQUE = 1 << 3,   /* some of its references may be unknown */
	OBJECT_COUNTED = 1 << 4,  /* it has a readable count */
	/* It keeps nothing alive: what it refers to has a root that takes the reference back. */
	OBJECT_LENDER = 1 << 5,
	OBJECT_WANTING = 1 << 6, /* its count exceeds what was found: a guess may be the rest */
};

#define GENERATION_NONE 0xff

/* What a root is; roots.kind is the name in root_kind_name(). */
enum root_kind {
	ROOT_STATIC,      /* a static object: alive as long as its module */
	ROOT_GLOBAL,      /* a C variable */
	ROOT_INTERPRETER, /* a field of the interpreter's or runtime's state */
	ROOT_THREAD,      /* a field of a thread's state */
	ROOT_FRAME,       /* a local or stack slot of a running frame */
	ROOT_C_LOCAL,  /* a local of a running C function that is known to hold a reference */
	ROOT_STACK,    /* conservative: a word of a C stack above its stack pointer */
	ROOT_REGISTER, /* conservative: a register */
	ROOT_NATIVE,   /* conservative: a word of memory that nobody claimed */
	ROOT_KINDS
};

const char *root_kind_name(enum root_kind kind);

struct graph_root {
	uint32_t object;
	enum root_kind kind;
	uint32_t label;  /* into the labels */
	uint32_t thread; /* index of the thread, or OBJECT_NONE */
	uint32_t frame;  /* index of the frame, or OBJECT_NONE */
	addr_t address;  /* of the word that holds the reference; 0 if not known */
	int64_t counted; /* references of the object's count that this root explains */
	uint32_t call;   /* ROOT_C_LOCAL: the same number, the same function's; side by side */
	uint32_t most; /* ROOT_C_LOCAL: as many of the call's hold a count, others are stale */
};

/* ROOT_STACK and later never explain a count and only hold what has unexplained references. */
static inline bool root_is_guess(enum root_kind kind)
{
	return kind >= ROOT_STACK;
}

/*
 * Whether a root that is no guess keeps its object alive.  A C variable may borrow: it shows that
 * the object is there, and something else holds it.
 */
static inline bool root_holds(const struct graph_root *root)
{
	return !root_is_guess(root->kind) && (root->counted > 0 || root->kind == ROOT_STATIC);
}

struct graph {
	uint32_t object_count;
	uint32_t reference_count;
	uint32_t root_count;

	/* [object_count] each */
	const addr_t *address;      /* ascending */
	const uint32_t *type;       /* index of the type */
	const uint64_t *size;       /* bytes, headers included */
	const uint64_t *owned_size; /* bytes of blocks that only it owns */
	const int64_t *refcount;    /* as stored */
	const uint8_t *flags;       /* enum object_flag */
	const uint8_t *generation;  /* or GENERATION_NONE */

	/* by source: references of object i are first_reference[i] … first_reference[i+1]-1 */
	const uint32_t *first_reference; /* [object_count + 1] */
	const uint32_t *target;          /* [reference_count] */
	const uint32_t *ordinal; /* [reference_count] unique and ascending within a source */
	const uint32_t *label;   /* [reference_count] */
	const uint8_t *kind;     /* [reference_count] enum reference_kind */

	/* by target: sources that refer to object i; one entry a reference, ascending */
	const uint32_t *first_referrer; /* [object_count + 1] */
	const uint32_t *referrer;       /* [reference_count] */

	const struct graph_root *roots; /* [root_count] */
};

/* Whether a reference of the source keeps its target alive, as far as it can be told. */
static inline bool graph_holds(const struct graph *graph, uint32_t source, uint32_t reference)
{
	if (graph->flags[source] & OBJECT_LENDER)
		return false;
	return reference_is_counted(graph->kind[reference]) ||
	       (graph->kind[reference] == REFERENCE_GUESS &&
		graph->flags[graph->target[reference]] & OBJECT_WANTING);
}

/* Adds roots that were found by looking at the graph.  Only before it is shared. */
bool graph_append_roots(struct graph *graph, const struct graph_root *roots, uint32_t count);

/* Corrects what a root explains.  Only before the graph is shared. */
void graph_set_counted(struct graph *graph, uint32_t root, int64_t counted);

/* Marks an object as OBJECT_WANTING.  Likewise. */
void graph_want(struct graph *graph, uint32_t object);

/* Bytes of blocks that were found to be the object's alone.  Likewise. */
void graph_add_owned(struct graph *graph, uint32_t object, uint64_t bytes);

/* Turns a root into a guess that explains nothing: a word of a C stack.  Likewise. */
void graph_doubt_root(struct graph *graph, uint32_t root);

void graph_free(struct graph *graph);
DEFINE_CLEANUP(struct graph *, graph_free)

/* The object whose own bytes begin at or nearest below address; OBJECT_NONE if none does. */
uint32_t graph_object_at(const struct graph *graph, addr_t address);

/* The object with this address; OBJECT_NONE if there is none. */
uint32_t graph_find_object(const struct graph *graph, addr_t address);

#endif
