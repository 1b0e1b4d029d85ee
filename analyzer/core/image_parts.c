/*
 * From what a source has to what an image promises.  The address space is made of layers;
 * the first that has an address wins:
 *
 *	1. bytes of the dump
 *	2. text and read-only data of files that are surely the same
 *	3. what was lost (a truncated core, a page that could not be read): a miss
 *	4. other file bytes that the dump left out
 *	5. zeros
 */
#include "core/image_parts.h"
#include "core/bytes.h"
#include "core/file_layers.h"
#include "core/files.h"

#include <elf.h>
#include <stdlib.h>
#include <sys/mman.h>

const uint8_t *image_dumped(const struct image *image, addr_t address, size_t size)
{
	const struct stretch *stretch = stretches_find(&image->dumped, address);

	if (!stretch || !stretch->bytes || size > stretch->end - address)
		return NULL;
	return stretch->bytes + (address - stretch->start);
}

static void make_segments(struct image *image)
{
	vector_each (&image->dumped, stretch) {
		const struct image_region *region = &image->regions.items[stretch->origin];
		struct image_segment segment = {
			.start = stretch->start,
			.size = stretch->end - stretch->start,
			.bytes = stretch->bytes,
			.writable = region->writable,
			.executable = region->executable,
		};

		vector_push(&image->segments, segment);
		image->dumped_bytes += segment.size;
	}
}

/* Regions win over ranges of files, which only fill the gaps between them. */
static void list_mappings(const struct image *image, struct stretches *ret)
{
	struct stretches layer = {0};

	for (size_t i = 0; i < image->regions.count; i++) {
		const struct address_range *range = &image->regions.items[i].range;

		stretches_push(&layer,
			       (struct stretch){range->start, range->end, NULL, (uint32_t)i});
	}
	stretches_lay_under(ret, &layer);
	layer.count = 0;
	vector_each (&image->ranges, range)
		stretches_push(&layer, (struct stretch){.start = range->range.start,
							.end = range->range.end,
							.origin = UINT32_MAX});
	stretches_lay_under(ret, &layer);
	vector_release(&layer);
}

/* Neither list overlaps itself and both ascend, so one walk over both is enough. */
static void count_dumped(struct image *image)
{
	size_t at = 0;

	vector_each (&image->mappings, mapping) {
		while (at < image->dumped.count &&
		       image->dumped.items[at].end <= mapping->range.start)
			at++;
		for (size_t i = at; i < image->dumped.count &&
				    image->dumped.items[i].start < mapping->range.end;
		     i++) {
			const struct stretch *part = &image->dumped.items[i];
			addr_t start = part->start > mapping->range.start
					       ? part->start
					       : mapping->range.start;
			addr_t end =
				part->end < mapping->range.end ? part->end : mapping->range.end;

			mapping->dumped += end - start;
		}
	}
}

/* The file range that holds the start of a mapping; both lists ascend. */
static const struct file_range *range_for(const struct image *image, addr_t start, size_t *at)
{
	while (*at < image->ranges.count && image->ranges.items[*at].range.end <= start)
		++*at;
	if (*at < image->ranges.count && range_has(image->ranges.items[*at].range, start))
		return &image->ranges.items[*at];
	return NULL;
}

/* A gcore core does not say how the file mappings that it leaves out could be used. */
static void guess_permissions(const struct image *image, const struct file_range *range,
			      struct image_mapping *mapping)
{
	const struct image_file *file = range ? &image->files.items[range->file] : NULL;
	addr_t address;

	mapping->readable = true;
	if (!file || !file->binary)
		return;
	address = mapping->range.start - file_bias(file);
	for (size_t i = 0; i < binary_segment_count(file->binary); i++) {
		const struct binary_segment *segment = binary_segment(file->binary, i);

		if (page_floor(segment->address) <= address &&
		    address - page_floor(segment->address) <
			    page_ceiling(segment->memory_size)) {
			mapping->writable = segment->writable;
			mapping->executable = segment->executable;
		}
	}
}

static void make_mappings(struct image *image)
{
	struct stretches list = {0};
	size_t at = 0;

	list_mappings(image, &list);
	vector_each (&list, stretch) {
		const struct file_range *range = range_for(image, stretch->start, &at);
		struct image_mapping mapping = {.range = {stretch->start, stretch->end},
						.path = range ? range->path : ""};

		if (range)
			mapping.file_offset =
				range->offset + (stretch->start - range->range.start);
		if (stretch->origin != UINT32_MAX) {
			const struct image_region *region =
				&image->regions.items[stretch->origin];

			mapping.readable = region->readable;
			mapping.writable = region->writable;
			mapping.executable = region->executable;
			if (!range && region->name)
				mapping.path = region->name;
		} else {
			guess_permissions(image, range, &mapping);
		}
		vector_push(&image->mappings, mapping);
	}
	image->mappings.failed |= list.failed;
	vector_release(&list);
	count_dumped(image);
}

static struct image_mapping *mapping_at(struct image *image, addr_t address)
{
	return (struct image_mapping *)(uintptr_t)image_mapping_at(image, address);
}

/* The kernel's own pages have no file; a core does not even say their names. */
static void name_kernel_pages(struct image *image)
{
	struct image_mapping *mapping;
	uint64_t address;

	if (image_auxiliary(image, AT_RANDOM, &address) &&
	    (mapping = mapping_at(image, address)) && !*mapping->path)
		mapping->path = "[stack]";
	if (!image_auxiliary(image, AT_SYSINFO_EHDR, &address) ||
	    !(mapping = mapping_at(image, address)))
		return;
	if (!*mapping->path)
		mapping->path = "[vdso]";
	// The variables of the vdso lie right below it, in one mapping or two.
	for (; mapping > image->mappings.items; mapping--) {
		struct image_mapping *below = mapping - 1;

		if (below->range.end != mapping->range.start || *below->path ||
		    below->writable || below->executable)
			break;
		below->path = "[vvar]";
	}
}

/* Pages of an untouched mapping cost nothing: all of them are the kernel's zero page. */
static void give_zeros_bytes(struct image *image, struct stretches *zeros)
{
	void *bytes;

	vector_each (zeros, stretch)
		if (stretch->end - stretch->start > image->zero_size)
			image->zero_size = stretch->end - stretch->start;
	if (image->zero_size == 0)
		return;
	bytes = mmap(NULL, image->zero_size, PROT_READ,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (bytes == MAP_FAILED) {
		anomaly_record(image->anomalies, "core", 0,
			       "memory that is all zeros is too large to be shown");
		return;
	}
	image->zero_bytes = bytes;
	vector_each (zeros, stretch)
		stretch->bytes = bytes;
}

static bool make_view(struct image *image, struct file_layers *layers, struct error *err)
{
	struct stretches *view = &image->view;

	vector_each (&image->zeros, stretch)
		stretches_push(&layers->zeros, *stretch);
	give_zeros_bytes(image, &layers->zeros);
	stretches_lay_under(view, &image->dumped);
	stretches_lay_under(view, &layers->constant);
	stretches_lay_under(view, &image->lost);
	stretches_lay_under(view, &layers->other);
	stretches_lay_under(view, &layers->zeros);
	stretches_finish(view);
	image->starts = calloc(view->count + 1, sizeof(*image->starts));
	if (view->failed || !image->starts || image->segments.failed ||
	    image->mappings.failed || image->zeros.failed)
		return error_out_of_memory(err, "putting the address space together");
	for (size_t i = 0; i < view->count; i++)
		image->starts[i] = view->items[i].start;
	return true;
}

/* Sorts what the source has, and takes overlaps out. */
static bool settle_dumped(struct image *image, struct error *err)
{
	struct stretches sorted = {0};

	if (image->regions.failed || image->ranges.failed || image->threads.failed ||
	    image->auxiliary.failed || image->lost.failed)
		return error_out_of_memory(err, "reading what the process was");
	stretches_lay_under(&sorted, &image->dumped);
	vector_release(&image->dumped);
	image->dumped = sorted;
	if (sorted.failed)
		return error_out_of_memory(err, "sorting the segments");
	return true;
}

bool image_assemble(struct image *image, const struct image_options *options, struct error *err)
{
	CLEANUP(file_layers_release) struct file_layers layers = {0};

	if (!settle_dumped(image, err))
		return false;
	if (!files_find(image, options, err))
		return false;
	make_segments(image);
	make_mappings(image);
	name_kernel_pages(image);
	file_layers_make(image, &layers);
	return make_view(image, &layers, err);
}
