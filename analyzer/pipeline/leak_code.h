/*
 * Which C code could hold the references that nobody owns, by what the dump shows; the first of
 * these that there is:
 *
 * - a word of a module's data has the object's address;
 * - a word of a running function's frame has it, and the function is an extension's;
 * - the object's type was made by a module other than the interpreter;
 * - of all code that works on objects, only one module is not the interpreter's or its library's.
 *
 * Without any of these nothing is said.
 */
#ifndef PIPELINE_LEAK_CODE_H
#define PIPELINE_LEAK_CODE_H

#include "pipeline/scan.h"
#include "store/snapshot.h"

/*
 * Fills holder and evidence of the refcount leaks of a snapshot, whose c_frames are there.
 * ret_extensions: names of the modules that work on objects and are not the interpreter's,
 * in the collection's arena; "" if there is none.
 */
bool leak_code_find(struct target *target, const struct runtime_ops *ops,
		    const struct runtime *runtime, const struct collection *collection,
		    const struct suspects *suspects, struct snapshot *snapshot,
		    const char **ret_extensions, struct error *err);

#endif
