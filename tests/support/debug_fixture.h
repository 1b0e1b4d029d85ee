/*
 * Small C programs, compiled while the tests run, in a folder of their own.
 */
#ifndef SUPPORT_DEBUG_FIXTURE_H
#define SUPPORT_DEBUG_FIXTURE_H

#include "debuginfo/debug_info.h"

struct fixture {
	char dir[64];
};

/* Two units that share a header: structs, statics, inlined callees, a thread-local. */
extern const char fixture_shared[], fixture_main[], fixture_other[];

void fixture_init(struct fixture *fixture);
void fixture_release(struct fixture *fixture); /* removes the folder */

/* The path of a file in the folder; a static buffer, one of four. */
const char *fixture_path(const struct fixture *fixture, const char *name);

/* Runs a shell command in the folder, quietly; true if it succeeded. */
bool fixture_run(const struct fixture *fixture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Skips the test, with the reason, where the tool is missing. */
void fixture_need(const char *tool);

/* Builds the two units with `compiler flags` as `program`; fails the test if that fails. */
void fixture_build(const struct fixture *fixture, const char *compiler, const char *flags);
/* The same; false if the compiler does not know the flags. */
bool fixture_try_build(const struct fixture *fixture, const char *compiler, const char *flags);

/* Opens both, or fails the test.  The cache is the folder's if `cached`. */
struct debug_info *fixture_open(const struct fixture *fixture, const char *program, bool cached,
				struct binary **ret);

#endif
