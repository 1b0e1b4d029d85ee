/*
 * The references, most of a snapshot's rows, are known long before the rest is worked out: they
 * are written meanwhile, by a thread of its own.
 */
#ifndef PIPELINE_EARLY_WRITING_H
#define PIPELINE_EARLY_WRITING_H

#include "store/store.h"

#include <pthread.h>

/* The writer is the thread's until early_writing_join(). */
struct early_writing {
	struct store_writer *writer;
	const struct graph *graph;
	pthread_t thread;
	bool is_running;
	bool has_failed;
	struct error err;
};

/* With jobs 1 they are written before it returns.  The graph's references must not change. */
bool early_writing_start(struct early_writing *early, struct store_writer *writer,
			 const struct graph *graph, uint32_t jobs, struct error *err);

/* Waits; false and err if they could not be written.  Nothing to do if it was not started. */
bool early_writing_join(struct early_writing *early, struct error *err);

#endif
