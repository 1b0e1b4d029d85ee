/*
 * One failure, told in one sentence: which file, what is wrong, what to do.
 * The caller owns the struct and decides what becomes of it; nothing here prints.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/types.h"

/* The kinds follow the exit statuses that DESIGN promises: see error_exit_status(). */
enum error_kind {
	ERROR_NONE,
	ERROR_USAGE,  /* the command line: 2 */
	ERROR_INPUT,  /* cannot be opened or read: 3 */
	ERROR_FORMAT, /* can be read, is not what we need: 3 */
	ERROR_MEMORY, /* our own memory: 3 */
	ERROR_OUTPUT, /* cannot be written: 4 */
};

struct error {
	enum error_kind kind;
	char message[1024];
};

/* Fills err unless it holds an error already (the first one is the cause).  Always false. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "out of memory while WHAT".  Always false. */
bool error_out_of_memory(struct error *err, const char *what);

/* 0 for ERROR_NONE; else 2, 3 or 4. */
int error_exit_status(const struct error *err);

#endif
