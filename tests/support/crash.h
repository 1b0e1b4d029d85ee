/*
 * A small C program that is compiled, run and dumped when the test runs.
 */
#ifndef SUPPORT_CRASH_H
#define SUPPORT_CRASH_H

#include "base/types.h"

struct crash {
	char folder[32], core[64], record[64], program[64];
};

/*
 * Runs the program with the path of `record` as its argument.  False, and a printed reason, where
 * there is no compiler, or cores do not come here.  To be removed in any case.
 */
bool crash_program(struct crash *ret, const char *source, const char *flags);
void crash_remove(struct crash *crash);

#endif
