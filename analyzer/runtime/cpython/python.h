/*
 * The CPython of one target: what stays the same while its memory is walked.
 */
#ifndef RUNTIME_CPYTHON_PYTHON_H
#define RUNTIME_CPYTHON_PYTHON_H

#include "base/arena.h"
#include "runtime/cpython/fields.h"
#include "target/target.h"

struct python {
	struct target *target;
	const struct image *image;
	struct anomalies *anomalies;
	struct module *module;    /* the one with the interpreter */
	struct debug_info *debug; /* the module's */
	struct fields fields;
	struct arena *arena; /* names, plans: as long as the runtime is attached */
	addr_t runtime;      /* _PyRuntime */
	addr_t interpreter;  /* the main one */
	char version[32];    /* "3.11.2"; "" if unknown */
};

#define STAGE_CPYTHON "cpython"

/* tp_flags */
#define FLAG_STATIC_BUILTIN  (1ull << 1) /* 3.12 */
#define FLAG_INLINE_VALUES   (1ull << 2) /* 3.13 */
#define FLAG_MANAGED_WEAKREF (1ull << 3) /* 3.12 */
#define FLAG_MANAGED_DICT    (1ull << 4) /* 3.11 */
#define FLAG_HEAPTYPE        (1ull << 9)
#define FLAG_READY           (1ull << 12)
#define FLAG_HAVE_GC         (1ull << 14)
#define FLAG_LONG            (1ull << 24)
#define FLAG_BYTES           (1ull << 27)
#define FLAG_UNICODE         (1ull << 28)
#define FLAG_TYPE            (1ull << 31)

#define IMMORTAL_COUNT \
	0x3fffffffu /* 3.12 and later: no mortal object has that many references */

/* A str object as UTF-8, cut to size-1 bytes.  False if it is none or not in the dump. */
bool python_string(const struct python *python, addr_t object, char *ret, size_t size);

/* The one after an interpreter, the main one being the first; 0: it is the last. */
addr_t python_next_interpreter(const struct python *python, addr_t interpreter);

/* A struct of the runtime's module; DEBUG_NONE if unknown. */
uint32_t python_struct(const struct python *python, const char *name);
uint64_t python_struct_size(const struct python *python, const char *name);

#endif
