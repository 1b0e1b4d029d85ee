#include "core/file_layers.h"

#include "core/bytes.h"
#include "core/files.h"

/* The bytes of the file from an offset on, and how many there are; NULL past its end. */
static const uint8_t *file_bytes(const struct image *image, const struct file_range *range,
				 uint64_t *ret_size)
{
	const struct image_file *file = &image->files.items[range->file];
	const struct file_map *plain = &image->backings.items[range->file].plain;
	const uint8_t *bytes = plain->bytes;

	*ret_size = plain->size;
	if (file->state == IMAGE_FILE_FOUND)
		bytes = binary_bytes(file->binary, ret_size);
	if (!bytes || range->offset >= *ret_size)
		return NULL;
	*ret_size -= range->offset;
	return bytes + range->offset;
}

/* The segment whose pages hold the whole range, or NULL. */
static const struct binary_segment *segment_of(const struct image_file *file,
					       struct address_range range)
{
	addr_t bias = file_bias(file);

	for (size_t i = 0; i < binary_segment_count(file->binary); i++) {
		const struct binary_segment *segment = binary_segment(file->binary, i);

		if (page_floor(segment->address) <= range.start - bias &&
		    range.end - bias <= page_ceiling(segment->address + segment->memory_size))
			return segment;
	}
	return NULL;
}

/* Bytes of a writable segment past its p_filesz are bss, not what the file has there. */
static addr_t end_of_file_bytes(const struct image_file *file,
				const struct binary_segment *segment, addr_t end)
{
	addr_t limit;

	if (!segment || !segment->writable)
		return end;
	limit = segment->address + segment->file_size + file_bias(file);
	return limit < end ? limit : end;
}

static void add_range(const struct image *image, const struct file_range *range,
		      struct file_layers *ret)
{
	const struct image_file *file = &image->files.items[range->file];
	const struct image_mapping *mapping = image_mapping_at(image, range->range.start);
	const struct binary_segment *segment = NULL;
	struct stretch stretch = {range->range.start, range->range.end, NULL, range->file};
	bool is_writable = mapping && mapping->writable;
	uint64_t size;

	stretch.bytes = file_bytes(image, range, &size);
	if (!stretch.bytes)
		return;
	if (size < stretch.end - stretch.start)
		stretch.end = stretch.start + size;
	if (file->state == IMAGE_FILE_FOUND)
		segment = segment_of(file, range->range);
	else if (is_writable)
		return; // Without a build-id nobody knows whether the file is still the same.
	stretch.end = end_of_file_bytes(file, segment, stretch.end);
	if (segment && !segment->writable && !is_writable)
		stretches_push(&ret->constant, stretch);
	else
		stretches_push(&ret->other, stretch);
}

static void add_bss(const struct image_file *file, struct file_layers *ret)
{
	for (size_t i = 0; i < binary_segment_count(file->binary); i++) {
		const struct binary_segment *segment = binary_segment(file->binary, i);
		addr_t start = segment->address + file_bias(file);

		if (segment->writable && segment->file_size < segment->memory_size &&
		    span_fits(start, segment->memory_size, UINT64_MAX))
			stretches_push(&ret->zeros,
				       (struct stretch){.start = start + segment->file_size,
							.end = start + segment->memory_size});
	}
}

void file_layers_make(const struct image *image, struct file_layers *ret)
{
	*ret = (struct file_layers){0};
	vector_each (&image->ranges, range)
		add_range(image, range, ret);
	vector_each (&image->files, file)
		if (file->state == IMAGE_FILE_FOUND)
			add_bss(file, ret);
}

void file_layers_release(struct file_layers *layers)
{
	vector_release(&layers->constant);
	vector_release(&layers->other);
	vector_release(&layers->zeros);
}
