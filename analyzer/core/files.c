#include "core/files.h"

#include "base/names.h"
#include "base/search.h"
#include "core/bytes.h"
#include "core/note.h"

#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define BUILD_ID_TEXT (2 * BUILD_ID_MAX + 1)
#define MOST_HEADERS  256u /* program headers looked at in a dumped first page */
#define DELETED       " (deleted)"

/* One search: what every step of it needs. */
struct search {
	struct image *image;
	const struct image_options *options;
	const char *main_path; /* of the main executable, in the image's arena; or NULL */
	struct error *err;
};

addr_t file_bias(const struct image_file *file)
{
	const struct binary_segment *first = binary_segment(file->binary, 0);

	return file->base + first->file_offset - first->address;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct file_range *a = left, *b = right;

	if (a->range.start != b->range.start)
		return a->range.start < b->range.start ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* One entry a path.  Sorts the ranges by address and gives each its file. */
static bool group_by_path(struct image *image, struct error *err)
{
	struct names *paths = names_create();
	bool done = paths != NULL;

	if (image->ranges.count > 1)
		qsort(image->ranges.items, image->ranges.count, sizeof(struct file_range),
		      compare_ranges);
	vector_each (&image->ranges, range) {
		if (done)
			range->file = names_add(paths, range->path);
		done = done && range->file != NAME_NONE;
		if (!done || range->file < image->files.count)
			continue;
		vector_push(&image->files, ((struct image_file){.path = range->path}));
		vector_push(&image->backings, ((struct backing){0}));
	}
	names_free(paths);
	if (!done || image->files.failed || image->backings.failed)
		return error_out_of_memory(err, "listing the mapped files");
	return true;
}

static bool is_deleted(const char *path)
{
	size_t length = strlen(path), suffix = strlen(DELETED);

	return length >= suffix && !strcmp(path + length - suffix, DELETED);
}

static bool holds_magic(const struct image *image, addr_t address)
{
	const uint8_t *bytes = image_dumped(image, address, 64);

	return bytes && !memcmp(bytes, ELFMAG, SELFMAG);
}

/*
 * The build-id as the process itself had it: the ELF header, its program headers and the
 * note they point to, all in the dumped start of the file.
 */
static bool dumped_build_id(const struct image *image, addr_t base, struct build_id *ret)
{
	const uint8_t *header = image_dumped(image, base, 64), *headers;
	uint64_t count;

	if (!header || memcmp(header, ELFMAG, SELFMAG) || load_u16(header + 54) != 56)
		return false;
	count = load_u16(header + 56);
	if (count > MOST_HEADERS)
		count = MOST_HEADERS;
	headers = image_dumped(image, base + load_u64(header + 32), count * 56);
	for (uint64_t i = 0; headers && i < count; i++) {
		const uint8_t *at = headers + i * 56, *notes = NULL;
		uint64_t size = load_u64(at + 32);

		if (load_u32(at) == PT_NOTE && size <= PAGE_SIZE_BYTES)
			notes = image_dumped(image, base + load_u64(at + 8), size);
		if (notes && note_find_build_id(
				     (struct note_cursor){notes, size, load_u64(at + 48)}, ret))
			return true;
	}
	return false;
}

const struct file_range *image_range_at(const struct image *image, addr_t address)
{
	const struct file_range *ranges = image->ranges.items;
	size_t count = count_leading(image->ranges.count, i, ranges[i].range.start <= address);

	return count && range_has(ranges[count - 1].range, address) ? &ranges[count - 1] : NULL;
}

static const char *find_main_path(const struct image *image)
{
	static const uint64_t types[] = {AT_ENTRY, AT_PHDR};

	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		const struct file_range *range = NULL;
		uint64_t address;

		if (image_auxiliary(image, types[i], &address))
			range = image_range_at(image, address);
		if (range)
			return range->path;
	}
	return NULL;
}

static bool is_main(const struct search *search, const struct image_file *file)
{
	return search->main_path && !strcmp(search->main_path, file->path);
}

/* Where the file should be on this machine; false if there cannot be one. */
static bool host_path(const struct search *search, const struct image_file *file, char *ret)
{
	const char *sysroot = search->options->sysroot ? search->options->sysroot : "";
	int length;

	if (is_main(search, file) && search->options->executable)
		length = snprintf(ret, PATH_MAX, "%s", search->options->executable);
	else if (*file->path != '/' || is_deleted(file->path))
		return false;
	else
		length = snprintf(ret, PATH_MAX, "%s%s", sysroot, file->path);
	return length > 0 && length < PATH_MAX;
}

/* By its name alone, in the folders that the user gave; opens it, and says where it is. */
static bool find_by_name(const struct search *search, const struct image_file *file,
			 struct file_map *ret, char *ret_path)
{
	const char *const *folder = search->options->library_dirs;
	const char *name = strrchr(file->path, '/');
	struct error ignored = {0};

	for (; name && name[1] && folder && *folder; folder++) {
		int length = snprintf(ret_path, PATH_MAX, "%s%s", *folder, name);

		if (length > 0 && length < PATH_MAX && file_map_open(ret, ret_path, &ignored))
			return true;
	}
	return false;
}

static void open_file(const struct search *search, struct image_file *file,
		      struct backing *backing)
{
	struct error ignored = {0};
	char path[PATH_MAX];

	file->state = IMAGE_FILE_GONE;
	if (!(host_path(search, file, path) &&
	      file_map_open(&backing->plain, path, &ignored)) &&
	    !find_by_name(search, file, &backing->plain, path))
		return;
	file->state = IMAGE_FILE_NOT_ELF;
	if (backing->plain.size < SELFMAG || memcmp(backing->plain.bytes, ELFMAG, SELFMAG))
		return;
	file_map_close(&backing->plain);
	file->binary = binary_open(path, &ignored);
	if (file->binary && binary_segment_count(file->binary) == 0)
		binary_close(TAKE(file->binary));
	if (file->binary)
		file->state = IMAGE_FILE_FOUND;
}

/* The segment's part of the file is mapped where it would be if the binary was at base. */
static bool segment_is_at(const struct image *image, const struct image_file *file, addr_t base,
			  const struct binary_segment *segment)
{
	struct image_file moved = *file;
	const struct file_range *range;
	addr_t address;

	moved.base = base;
	address = segment->address + file_bias(&moved);
	range = image_range_at(image, address);
	return range && !strcmp(range->path, file->path) &&
	       range->offset + (address - range->range.start) == segment->file_offset;
}

static unsigned count_segments_at(const struct image *image, const struct image_file *file,
				  addr_t base)
{
	unsigned found = 0;

	for (size_t i = 0; i < binary_segment_count(file->binary); i++)
		found += segment_is_at(image, file, base, binary_segment(file->binary, i));
	return found;
}

/* Where the core has no build-id: is the code at least laid out like the file's? */
static bool code_fits(const struct image *image, const struct image_file *file)
{
	for (size_t i = 0; i < binary_segment_count(file->binary); i++) {
		const struct binary_segment *segment = binary_segment(file->binary, i);

		if (segment->executable && !segment_is_at(image, file, file->base, segment))
			return false;
	}
	return true;
}

/*
 * A file may be mapped as data too, so of the places where its start is mapped the one
 * counts where its segments are.
 */
static void choose_bases(struct image *image)
{
	vector_each (&image->ranges, range) {
		struct image_file *file = &image->files.items[range->file];
		struct backing *backing = &image->backings.items[range->file];
		unsigned score = 1;

		if (range->offset == 0)
			score = 2;
		if (range->offset == 0 && file->binary)
			score += count_segments_at(image, file, range->range.start);
		if (score <= backing->score)
			continue;
		backing->score = score;
		file->base = range->range.start - range->offset;
		file->span = (struct address_range){range->range.start, range->range.end};
	}
}

/* What follows the first range without a gap belongs to it; the binary knows its bss. */
static void measure_spans(struct image *image)
{
	vector_each (&image->ranges, range) {
		struct image_file *file = &image->files.items[range->file];

		if (range->range.start == file->span.end)
			file->span.end = range->range.end;
	}
	vector_each (&image->files, file) {
		addr_t end;

		if (!file->binary)
			continue;
		end = binary_span(file->binary).end + file_bias(file);
		if (end > file->base)
			file->span = (struct address_range){file->base, end};
	}
}

static void judge(const struct search *search, struct image_file *file)
{
	bool page_is_there = image_dumped(search->image, file->base, 64) != NULL;
	bool was_binary = holds_magic(search->image, file->base);

	dumped_build_id(search->image, file->base, &file->build_id);
	if (file->state == IMAGE_FILE_NOT_ELF && was_binary)
		file->state = IMAGE_FILE_REBUILT;
	if (file->state != IMAGE_FILE_FOUND)
		return;
	if (!page_is_there) {
		if (!code_fits(search->image, file))
			file->state = IMAGE_FILE_REBUILT;
		return;
	}
	if (!was_binary || !build_id_equal(&file->build_id, binary_build_id(file->binary)))
		file->state = IMAGE_FILE_REBUILT;
}

/* Data files come and go without harm. */
static bool matters(const struct search *search, const struct image_file *file)
{
	const char *name = strrchr(file->path, '/');

	if (file->state == IMAGE_FILE_REBUILT || is_main(search, file))
		return true;
	if (image_dumped(search->image, file->base, 64))
		return holds_magic(search->image, file->base);
	return name && strstr(name, ".so");
}

static void format_ids(const struct image_file *file, char *expected, char *found)
{
	static const struct build_id none;

	build_id_format(&file->build_id, expected);
	build_id_format(file->binary ? binary_build_id(file->binary) : &none, found);
	if (!*expected)
		snprintf(expected, BUILD_ID_TEXT, "none");
	if (!*found)
		snprintf(found, BUILD_ID_TEXT, "none");
}

static bool refuse_main(const struct search *search, const struct image_file *file)
{
	char expected[BUILD_ID_TEXT], found[BUILD_ID_TEXT], path[PATH_MAX];

	format_ids(file, expected, found);
	if (!host_path(search, file, path))
		snprintf(path, sizeof(path), "%s", file->path);
	if (file->state == IMAGE_FILE_REBUILT)
		return error_set(
			search->err, ERROR_INPUT,
			"%.400s: is not the executable of the process: its build-id is "
			"%s, expected %s; give the right one with --exe, or the folder "
			"with the process's files with --sysroot",
			path, found, expected);
	return error_set(
		search->err, ERROR_INPUT,
		"%.400s: the process's executable is not there or cannot be read "
		"(expected build-id %s, found none); give it with --exe, or the folder "
		"with the process's files with --sysroot",
		path, expected);
}

static void record_absence(const struct search *search, const struct image_file *file)
{
	char expected[BUILD_ID_TEXT], found[BUILD_ID_TEXT];

	format_ids(file, expected, found);
	if (file->state == IMAGE_FILE_REBUILT)
		anomaly_record(search->image->anomalies, "core", file->base,
			       "%.300s: was rebuilt: its build-id is %s, expected %s",
			       file->path, found, expected);
	else
		anomaly_record(search->image->anomalies, "core", file->base,
			       "%.300s: is gone or cannot be read (build-id %s)", file->path,
			       expected);
}

/* A file that is not the process's own is closed, so that nobody reads it. */
static bool settle(const struct search *search, struct image_file *file,
		   struct backing *backing)
{
	bool done = true;

	judge(search, file);
	if (file->state != IMAGE_FILE_FOUND && matters(search, file)) {
		if (is_main(search, file) && !search->options->partial)
			done = refuse_main(search, file);
		else
			record_absence(search, file);
	}
	if (file->state == IMAGE_FILE_FOUND)
		return done;
	if (file->binary)
		binary_close(TAKE(file->binary));
	if (file->state != IMAGE_FILE_NOT_ELF)
		file_map_close(&backing->plain);
	return done;
}

/* Its symbols may still be here, without it. */
static void find_detached(const struct search *search, struct image_file *file)
{
	const struct image_options *options = search->options;

	if (file->state == IMAGE_FILE_FOUND || !file->build_id.size || !options->find_detached)
		return;
	file->binary = options->find_detached(options->context, &file->build_id,
					      search->image->process.root);
	if (file->binary && !binary_segment_count(file->binary))
		binary_close(TAKE(file->binary));
}

static int compare_spans(const void *left, const void *right, void *files)
{
	const uint32_t *l = left, *r = right;
	const struct image_file *a = (const struct image_file *)files + *l;
	const struct image_file *b = (const struct image_file *)files + *r;

	return a->span.start < b->span.start ? -1 : a->span.start > b->span.start;
}

static bool sort_by_span(struct image *image, struct error *err)
{
	for (size_t i = 0; i < image->files.count; i++)
		vector_push(&image->by_span, (uint32_t)i);
	if (image->by_span.failed)
		return error_out_of_memory(err, "sorting the mapped files");
	if (image->by_span.count)
		qsort_r(image->by_span.items, image->by_span.count, sizeof(uint32_t),
			compare_spans, image->files.items);
	return true;
}

bool files_find(struct image *image, const struct image_options *options, struct error *err)
{
	struct search search = {.image = image, .options = options, .err = err};

	if (!group_by_path(image, err))
		return false;
	search.main_path = find_main_path(image);
	if (options->sysroot && !*image->process.root)
		image->process.root = arena_string(image->arena, options->sysroot);
	if (search.main_path)
		image->process.executable = search.main_path;
	for (size_t i = 0; i < image->files.count; i++)
		open_file(&search, &image->files.items[i], &image->backings.items[i]);
	choose_bases(image);
	for (size_t i = 0; i < image->files.count; i++)
		if (!settle(&search, &image->files.items[i], &image->backings.items[i]))
			return false;
	vector_each (&image->files, file)
		find_detached(&search, file);
	measure_spans(image);
	return sort_by_span(image, err);
}
