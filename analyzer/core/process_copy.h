/*
 * Copies a stopped process's memory to a file.  What can be had from the mapped file, and
 * what was never touched, is not copied.
 */
#ifndef CORE_PROCESS_COPY_H
#define CORE_PROCESS_COPY_H

#include "core/image_parts.h"
#include "core/process_info.h"

/* Whose memory, and how to get at it. */
struct process_source {
	uint32_t pid;
	int memory; /* an open /proc/PID/mem, where reading it otherwise may be refused; or -1 */
	const char *sysroot; /* where the process's files are ("" for /) */
};

/* Fills regions, ranges, dumped, lost, zeros and bytes of the image. */
bool process_copy(struct image *image, const struct process_source *source,
		  const struct process_mappings *mappings, struct error *err);

#endif
