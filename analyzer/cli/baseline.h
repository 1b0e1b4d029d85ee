/*
 * A list of leaks that are known, as people keep it beside their code: a text file.
 *
 *	# a comment, kept as it is
 *	0123456789abcdef  refcount builtins.list by app.so    # a fingerprint; the rest is for people
 *	ignore garbage app.Node*                               # a kind or any; a type, with * and ?
 *	ignore refcount * by old.so                            # a type, and what could hold it
 *
 * A `#` begins a comment at the start of a line or after a blank.
 */
#ifndef CLI_BASELINE_H
#define CLI_BASELINE_H

#include "base/cleanup.h"
#include "base/error.h"
#include "store/store.h"

struct baseline {
	char *known; /* JSON: ids of the snapshot's leak groups that are in it */
};

void baseline_release(struct baseline *baseline);

/* Which groups of the snapshot the file has.  False: it cannot be read, or a line is no line. */
bool baseline_read(const char *path, struct store *store, struct baseline *ret,
		   struct error *err);

/*
 * Adds the groups of the snapshot that the file does not have and that are at least as sure as the
 * grade; all lines in it stay.  What is not there yet is made.  Lines added are counted in *ret.
 */
bool baseline_add(const char *path, struct store *store, const char *grade, uint64_t *ret,
		  struct error *err);

#endif
