/*
 * What files say about memory that the source left out, as layers of stretches.
 */
#ifndef CORE_FILE_LAYERS_H
#define CORE_FILE_LAYERS_H

#include "core/image_parts.h"

struct file_layers {
	struct stretches
		constant;       /* text and read-only data: right even where bytes were lost */
	struct stretches other; /* right only where the source left them out on purpose */
	struct stretches zeros; /* bss; without bytes yet */
};

void file_layers_make(const struct image *image, struct file_layers *ret);
void file_layers_release(struct file_layers *layers);

#endif
