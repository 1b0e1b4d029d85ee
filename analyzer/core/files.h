/*
 * The files a process had mapped, found again on this machine.  A file counts as found only
 * when nothing speaks against it: the build-id in the page that the core itself holds must
 * be the file's.
 */
#ifndef CORE_FILES_H
#define CORE_FILES_H

#include "core/image_parts.h"

/*
 * Fills files and backings from the image's ranges (which get sorted).  False and a sentence
 * when the main executable is gone or rebuilt, unless options->partial.
 */
bool files_find(struct image *image, const struct image_options *options, struct error *err);

/* What an address in the process is more than the binary's link-time address. */
addr_t file_bias(const struct image_file *file);

#endif
