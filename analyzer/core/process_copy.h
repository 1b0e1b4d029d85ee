/*
 * Copies a stopped process's memory to a file.  What can be had from the mapped file, and
 * what was never touched, is not copied.
 */
#ifndef CORE_PROCESS_COPY_H
#define CORE_PROCESS_COPY_H

#include "core/image_parts.h"
#include "core/process_info.h"

/*
 * Fills regions, ranges, dumped, lost, zeros and bytes of the image.  `sysroot` is where
 * the process's files are ("" for /).
 */
bool process_copy(struct image *image, uint32_t pid, const struct process_mappings *mappings,
		  const char *sysroot, struct error *err);

#endif
