/*
 * A small shared library, compiled when the test runs.
 */
#ifndef SUPPORT_COMPILED_H
#define SUPPORT_COMPILED_H

#include "base/types.h"

struct compiled {
	char folder[32];
	char path[64]; /* of the library */
};

/* False (and a printed reason) where there is no working compiler.  `flags` may be "". */
bool compiled_library(struct compiled *ret, const char *source, const char *flags);
void compiled_remove(struct compiled *library);

#endif
