/*
 * A C program that was compiled, run in a folder of its own with two arguments, a file to write
 * what it knows to and a mode, and has left a core.
 */
#ifndef SUPPORT_CRASHED_H
#define SUPPORT_CRASHED_H

#include "base/types.h"

struct crashed {
	char folder[32], core[64], record[64], program[64];
};

/* flags: of the compiler.  False, with a warning why, where there is no compiler or no core can be had: skip then. */
bool crashed_run(struct crashed *crashed, const char *source, const char *flags,
		 const char *mode);
void crashed_clean(struct crashed *crashed);

#endif
