/*
 * The one place that wires the stages together: image → target → blocks → objects,
 * references, roots → graph → analyses → snapshot.
 */
#ifndef PIPELINE_PIPELINE_H
#define PIPELINE_PIPELINE_H

#include "base/error.h"
#include "base/types.h"

struct pipeline_options {
	const char *core;                 /* path; or NULL with pid */
	uint32_t pid;                     /* or 0 with core */
	const char *output;               /* the snapshot's path */
	const char *executable, *sysroot; /* or NULL */
	const char *const *debug_dirs;    /* NULL-terminated; or NULL */
	const char *const *library_dirs;  /* NULL-terminated; or NULL */
	const char *registers;            /* see struct image_options; or NULL */
	uint32_t memory_fd;               /* the same; or 0 */
	bool no_cache;
	bool partial;  /* go on with a truncated core or without the executable */
	uint32_t jobs; /* threads to use at most; 0: no limit.  More than two do not help. */
	/* Called between and within stages with 0…100; may be NULL. */
	void (*progress)(void *context, const char *stage, unsigned percent);
	void *progress_context;
};

/* Reads, analyzes, writes the snapshot.  Nothing is left behind on failure. */
bool pipeline_analyze(const struct pipeline_options *options, struct error *err);

#endif
