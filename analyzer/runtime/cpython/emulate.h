/*
 * What an object refers to, exactly as the collector would be told: the type's own tp_traverse
 * is run on the object as the dump has it, on a processor of ours (x86_machine.h) that can write
 * nowhere but on a stack of its own.  For types that no debug info describes.
 *
 * Refuses to know: types, labels, what a visited object is.
 */
#ifndef RUNTIME_CPYTHON_EMULATE_H
#define RUNTIME_CPYTHON_EMULATE_H

#include "runtime/cpython/x86_machine.h"
#include "target/target.h"

struct emulated_visit {
	addr_t target;        /* never 0 */
	struct origin origin; /* of the word that it was loaded from, if that is known */
};

struct emulator;

/* NULL when out of memory.  The target outlives it. */
struct emulator *emulator_create(struct target *target);
void emulator_free(struct emulator *emulator);

/*
 * function(object, visit, arg), whose return value is what traverse functions return: 0.  False:
 * it cannot be told what it visits, and emulator_reason() says why.  The visits are in order, and
 * stay until the next run.  It ends after a bounded number of steps, whatever the code is.
 */
bool emulator_run(struct emulator *emulator, addr_t function, addr_t object);
const struct emulated_visit *emulator_visits(const struct emulator *emulator,
					     size_t *ret_count);

/* What function(object), which visits nothing, returns as an int.  False: it cannot be told. */
bool emulator_ask(struct emulator *emulator, addr_t function, addr_t object, int32_t *ret);

/* A clause for people, static: "it writes to memory". */
const char *emulator_reason(const struct emulator *emulator);
/* Where it gave up: the address of the instruction, or right behind it. */
addr_t emulator_stopped_at(const struct emulator *emulator);

#endif
