/*
 * A live process as an image: stopped only while its memory is copied.
 */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include "core/image_parts.h"

/*
 * Fills the image's first half.  *ret_options are the options to find its files with: those
 * given, and where they say nothing, what /proc knows better.
 */
bool process_read(struct image *image, uint32_t pid, const struct image_options *options,
		  struct image_options *ret_options, struct error *err);

#endif
