/*
 * What an image is made of.  A source (a core file, a live process) fills the first half;
 * image_assemble makes the second half out of it.  For the files of core/ only.
 */
#ifndef CORE_IMAGE_PARTS_H
#define CORE_IMAGE_PARTS_H

#include "base/arena.h"
#include "core/file_map.h"
#include "core/image.h"
#include "core/stretch.h"

/* A mapping as the source tells it: a PT_LOAD, a line of /proc/PID/maps. */
struct image_region {
	struct address_range range;
	const char *name; /* of memory that no file backs: "[heap]"; or NULL */
	bool readable, writable, executable;
};

/* A part of the address space that a file backs: a line of NT_FILE or /proc/PID/maps. */
struct file_range {
	struct address_range range;
	uint64_t offset;  /* bytes into the file */
	const char *path; /* in the image's arena */
	uint32_t file;    /* index into files */
};

struct auxiliary {
	uint64_t type, value;
};

/* What is behind an image_file, index for index. */
struct backing {
	struct file_map plain; /* a file that is not ELF */
	unsigned score;        /* how sure the base is */
};

struct image {
	/* From the source. */
	struct arena *arena;
	struct anomalies *anomalies; /* not ours */
	struct file_map bytes;
	struct image_process process;
	VECTOR_OF(struct image_region) regions;
	VECTOR_OF(struct file_range) ranges;
	VECTOR_OF(struct image_thread) threads;
	VECTOR_OF(struct auxiliary) auxiliary;
	struct stretches dumped; /* bytes the source has; origin: a region */
	struct stretches lost;   /* were writable or should be there, and are not */
	struct stretches zeros;  /* known to hold only zeros */

	/* Made of it. */
	VECTOR_OF(struct image_segment) segments;
	VECTOR_OF(struct image_mapping) mappings;
	VECTOR_OF(struct image_file) files;
	VECTOR_OF(uint32_t) by_span; /* indices into files, by span.start */
	VECTOR_OF(struct backing) backings;
	uint8_t *zero_bytes; /* mapped; as long as the longest stretch of zeros */
	uint64_t zero_size;
	uint64_t dumped_bytes;
	struct stretches view; /* what reads look through: all of the above in one list */
	addr_t *starts;        /* [view.count], of the view: what the search touches */
};

/* An empty image; NULL when out of memory. */
struct image *image_create(const struct image_options *options, struct error *err);

/* After the source is read: everything an image promises. */
bool image_assemble(struct image *image, const struct image_options *options,
		    struct error *err);

/* Bytes that the source itself holds, in one piece; NULL on a miss.  Before or after assembly. */
const uint8_t *image_dumped(const struct image *image, addr_t address, size_t size);

/* The range of a file with the address, or NULL; once the ranges are sorted. */
const struct file_range *image_range_at(const struct image *image, addr_t address);

#endif
