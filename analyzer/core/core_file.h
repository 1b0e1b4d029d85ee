/*
 * The ELF core format: program headers and notes, as Linux and GDB's gcore write them.
 */
#ifndef CORE_CORE_FILE_H
#define CORE_CORE_FILE_H

#include "core/image_parts.h"

/* Fills the image's first half. */
bool core_file_read(struct image *image, const char *path, const struct image_options *options,
		    struct error *err);

#endif
