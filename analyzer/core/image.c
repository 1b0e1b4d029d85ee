#include "core/image.h"

#include "base/search.h"
#include "core/bytes.h"
#include "core/core_file.h"
#include "core/image_parts.h"
#include "core/process.h"

#include <stdlib.h>
#include <sys/mman.h>

struct image *image_create(const struct image_options *options, struct error *err)
{
	struct image *image = calloc(1, sizeof(*image));

	if (image)
		image->arena = arena_create();
	if (!image || !image->arena) {
		free(image);
		error_out_of_memory(err, "opening an image");
		return NULL;
	}
	image->anomalies = options->anomalies;
	image->process = (struct image_process){
		.source = "", .executable = "", .command_line = "", .root = ""};
	return image;
}

struct image *image_open_core(const char *path, const struct image_options *options,
			      struct error *err)
{
	CLEANUP(image_closep) struct image *image = image_create(options, err);

	if (!image || !core_file_read(image, path, options, err) ||
	    !image_assemble(image, options, err))
		return NULL;
	return TAKE(image);
}

struct image *image_open_process(uint32_t pid, const struct image_options *options,
				 struct error *err)
{
	CLEANUP(image_closep) struct image *image = image_create(options, err);
	struct image_options found;

	if (!image || !process_read(image, pid, options, &found, err) ||
	    !image_assemble(image, &found, err))
		return NULL;
	return TAKE(image);
}

static void release_source(struct image *image)
{
	vector_release(&image->regions);
	vector_release(&image->ranges);
	vector_release(&image->threads);
	vector_release(&image->auxiliary);
	vector_release(&image->dumped);
	vector_release(&image->lost);
	vector_release(&image->zeros);
	file_map_close(&image->bytes);
}

void image_close(struct image *image)
{
	if (!image)
		return;
	vector_each (&image->files, file)
		binary_close(file->binary);
	vector_each (&image->backings, backing)
		file_map_close(&backing->plain);
	vector_release(&image->files);
	vector_release(&image->backings);
	vector_release(&image->by_span);
	vector_release(&image->segments);
	vector_release(&image->mappings);
	vector_release(&image->view);
	free(image->starts);
	if (image->zero_bytes)
		munmap(image->zero_bytes, image->zero_size);
	release_source(image);
	arena_free(image->arena);
	free(image);
}

/* How many stretches start at or below the address: the one before it may hold it. */
static inline size_t upper_bound(const struct image *image, addr_t address)
{
	const addr_t *low = image->starts;
	size_t count = image->view.count;

	// Without a branch on the comparison: addresses come in no order that it could learn.
	while (count > 0) {
		size_t half = count / 2;

		low = low[half] <= address ? low + (count - half) : low;
		count = half;
	}
	return (size_t)(low - image->starts);
}

static inline const uint8_t *view_in(const struct stretch *stretch, addr_t address, size_t size)
{
	uint64_t offset = address - stretch->start, length = stretch->end - stretch->start;

	return offset < length && size <= length - offset ? stretch->bytes + offset : NULL;
}

const uint8_t *image_view(const struct image *image, addr_t address, size_t size, size_t *hint)
{
	size_t at = *hint;
	const uint8_t *bytes;

	if (at < image->view.count) {
		bytes = view_in(&image->view.items[at], address, size);
		if (bytes)
			return bytes;
	}
	at = upper_bound(image, address);
	if (at == 0)
		return NULL;
	bytes = view_in(&image->view.items[at - 1], address, size);
	if (bytes)
		*hint = at - 1;
	return bytes;
}

bool image_read(const struct image *image, addr_t address, void *ret, size_t size)
{
	uint8_t *out = ret;
	size_t at = upper_bound(image, address);

	for (at = at ? at - 1 : 0; size && at < image->view.count; at++) {
		const struct stretch *stretch = &image->view.items[at];
		uint64_t part = stretch->end - address;

		if (!range_has((struct address_range){stretch->start, stretch->end}, address))
			return false;
		if (part > size)
			part = size;
		memcpy(out, stretch->bytes + (address - stretch->start), part);
		out += part;
		address += part;
		size -= part;
	}
	return size == 0;
}

bool image_read_u8(const struct image *image, addr_t address, uint8_t *ret)
{
	return image_read(image, address, ret, 1);
}

bool image_read_u32(const struct image *image, addr_t address, uint32_t *ret)
{
	uint8_t bytes[4];

	if (!image_read(image, address, bytes, sizeof(bytes)))
		return false;
	*ret = load_u32(bytes);
	return true;
}

bool image_read_u64(const struct image *image, addr_t address, uint64_t *ret)
{
	uint8_t bytes[8];

	if (!image_read(image, address, bytes, sizeof(bytes)))
		return false;
	*ret = load_u64(bytes);
	return true;
}

bool image_read_string(const struct image *image, addr_t address, char *ret, size_t size)
{
	size_t hint = 0, done = 0;

	if (size == 0)
		return false;
	while (done + 1 < size) {
		const uint8_t *byte = image_view(image, address + done, 1, &hint);
		const struct stretch *stretch;
		size_t most, length;

		if (!byte)
			return false;
		stretch = &image->view.items[hint];
		most = size - 1 - done;
		if (most > stretch->end - (address + done))
			most = stretch->end - (address + done);
		length = strnlen((const char *)byte, most);
		memcpy(ret + done, byte, length);
		done += length;
		if (length < most)
			break;
	}
	ret[done] = '\0';
	return true;
}

const struct image_process *image_process(const struct image *image)
{
	return &image->process;
}

size_t image_mapping_count(const struct image *image)
{
	return image->mappings.count;
}

const struct image_mapping *image_mapping(const struct image *image, size_t index)
{
	return &image->mappings.items[index];
}

const struct image_mapping *image_mapping_at(const struct image *image, addr_t address)
{
	const struct image_mapping *mappings = image->mappings.items;
	size_t at = count_leading(image->mappings.count, i, mappings[i].range.end <= address);

	if (at < image->mappings.count && range_has(mappings[at].range, address))
		return &mappings[at];
	return NULL;
}

size_t image_segment_count(const struct image *image)
{
	return image->segments.count;
}

const struct image_segment *image_segment(const struct image *image, size_t index)
{
	return &image->segments.items[index];
}

const struct image_segment *image_segment_at(const struct image *image, addr_t address)
{
	const struct image_segment *segments = image->segments.items;
	size_t count = count_leading(image->segments.count, i, segments[i].start <= address);
	const struct image_segment *segment = count ? &segments[count - 1] : NULL;

	return segment && address - segment->start < segment->size ? segment : NULL;
}

size_t image_thread_count(const struct image *image)
{
	return image->threads.count;
}

const struct image_thread *image_thread(const struct image *image, size_t index)
{
	return &image->threads.items[index];
}

size_t image_file_count(const struct image *image)
{
	return image->files.count;
}

const struct image_file *image_file(const struct image *image, size_t index)
{
	return &image->files.items[index];
}

const struct image_file *image_file_at(const struct image *image, addr_t address)
{
	const struct image_file *files = image->files.items, *file;
	const uint32_t *by_span = image->by_span.items;
	size_t count =
		count_leading(image->by_span.count, i, files[by_span[i]].span.start <= address);

	if (count == 0)
		return NULL;
	file = &files[by_span[count - 1]];
	return range_has(file->span, address) ? file : NULL;
}

bool image_auxiliary(const struct image *image, uint64_t type, uint64_t *ret)
{
	vector_each (&image->auxiliary, pair) {
		if (pair->type == type) {
			*ret = pair->value;
			return true;
		}
	}
	return false;
}

uint64_t image_dumped_bytes(const struct image *image)
{
	return image->dumped_bytes;
}
