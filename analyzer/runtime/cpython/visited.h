/*
 * References of objects whose C struct nothing describes: what their own tp_traverse visits
 * (emulate.h).  The visits of one object are a pool.  Who knows a reference by another way (a
 * reader, the plan of a base's struct, the dict, the type) takes it from the pool, which says
 * whether the collector sees it; what is left is reported under the offset it was loaded from.
 */
#ifndef RUNTIME_CPYTHON_VISITED_H
#define RUNTIME_CPYTHON_VISITED_H

#include "runtime/cpython/emulate.h"
#include "runtime/cpython/traverse.h"
#include "runtime/cpython/walk.h"

#define VISITED_OFFSETS 512 /* words of an object whose labels are kept */

struct visited {
	struct emulator *emulator;
	const struct emulated_visit *visits; /* of the object that is read */
	size_t count;
	enum reference_kind kind; /* what a visit makes of a reference */
	bool *taken;              /* [count] */
	uint32_t *order;          /* [count] by target; only of many */
	uint32_t *behind; /* [count] how many of the equal targets that begin here are taken */
	size_t capacity;
	uint32_t labels[VISITED_OFFSETS]; /* of "+0x10" and so on; NAME_NONE: not asked for */
};

/* NULL when out of memory. */
struct visited *visited_create(struct target *target);
void visited_free(struct visited *visited);

/*
 * Runs what the C part of the object's type has for a traverse function, if its struct is not
 * known.  False: it is, or it cannot be told what is visited (an anomaly says so).
 */
bool visited_open(struct walk *walk, const struct source *source);

/* The same for a module's state of `size` bytes, and reports all of it. */
bool visited_module(struct walk *walk, const struct source *module, addr_t function,
		    addr_t state, uint64_t size, const char *name);

/*
 * Takes one visit of the target, if there is one left.  What it tells of the reference: that it
 * is TRAVERSED; COUNTED if there is none, and for an object that is no container (tp_is_gc).
 */
enum reference_kind visited_take(struct visited *visited, addr_t target);

/* Takes the visit of what was loaded from the address, if there is one. */
void visited_take_from(struct visited *visited, addr_t address);

/* Was it visited, taken or not? */
bool visited_has(const struct visited *visited, addr_t target);

/* Reports the visits that nobody took. */
void visited_report(struct walk *walk, const struct source *source);

/*
 * Does the function visit the type of the object?  It is run on it; unknown where it cannot be
 * followed.  Not while the visits of another object are open.
 */
enum visit visited_type(struct walk *walk, addr_t function, addr_t object);

/* The label of a word of the object: a member's name, "__dict__", or "+0x10". */
uint32_t visited_label(struct walk *walk, const struct type_info *type, uint64_t offset);

#endif
