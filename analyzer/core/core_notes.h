/*
 * The notes of a core: threads, the process, the auxiliary vector, the mapped files.
 */
#ifndef CORE_CORE_NOTES_H
#define CORE_CORE_NOTES_H

#include "core/image_parts.h"

/* Adds what the notes in these bytes say; what is damaged becomes an anomaly. */
void core_notes_read(struct image *image, const uint8_t *bytes, uint64_t size);

#endif
