/*
 * The C frames of all threads, so that a word of a stack has a function's name.
 */
#ifndef PIPELINE_C_FRAMES_H
#define PIPELINE_C_FRAMES_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills snapshot->c_frames, of each thread as far as its stack can be followed. */
bool c_frames_fill(struct target *target, const struct collection *collection,
		   struct snapshot *snapshot, struct error *err);

/* The frame whose words have the address; NULL if none does. */
const struct snapshot_c_frame *c_frames_at(const struct snapshot *snapshot, addr_t address);

#endif
