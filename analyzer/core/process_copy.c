#include "core/process_copy.h"

#include "core/bytes.h"
#include "core/pagemap.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK             (1u << 20)
#define LONGEST_HOLE      (16u << 20) /* untouched memory of that size is not in the copy */
#define MOST_FAILED_READS 256         /* in a row, of a file: it ends before its mapping */

/* A run of bytes in the copy. */
struct piece {
	addr_t start, end;
	uint64_t offset;
	uint32_t region;
};

struct copier {
	struct image *image;
	struct error *err;
	uint32_t pid;
	const char *sysroot;
	int memory; /* /proc/PID/mem, handed to us, or once process_vm_readv was refused; or -1 */
	int pagemap;  /* or -1: every page counts as touched */
	int copy;     /* the unlinked file */
	uint64_t end; /* of the copy */
	uint8_t *chunk;
	VECTOR_OF(struct piece) pieces;
	struct address_ranges touched; /* of one mapping */
	bool is_file;                  /* that mapping is a file's */
};

static int open_in(const char *folder)
{
	char path[PATH_MAX];
	int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (descriptor >= 0)
		return descriptor;
	snprintf(path, sizeof(path), "%s/heapsect.XXXXXX", folder);
	descriptor = mkostemp(path, O_CLOEXEC);
	if (descriptor >= 0)
		unlink(path);
	return descriptor;
}

static bool open_copy(struct copier *copier)
{
	const char *folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};

	copier->copy = -1;
	for (size_t i = 0; i < ARRAY_COUNT(folders) && copier->copy < 0; i++)
		if (folders[i] && *folders[i])
			copier->copy = open_in(folders[i]);
	if (copier->copy < 0)
		return error_set(copier->err, ERROR_OUTPUT,
				 "pid %" PRIu32
				 ": no temporary file can be made for its memory "
				 "(%s); point TMPDIR to a folder with room",
				 copier->pid, strerror(errno));
	return true;
}

static int open_proc(uint32_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* How many bytes could be read; 0 if not even the first page. */
static size_t read_memory(struct copier *copier, addr_t address, size_t size)
{
	struct iovec local = {copier->chunk, size}, remote = {(void *)(uintptr_t)address, size};
	ssize_t got = -1;

	if (copier->memory < 0) {
		got = process_vm_readv((pid_t)copier->pid, &local, 1, &remote, 1, 0);
		if (got < 0 && (errno == ENOSYS || errno == EPERM))
			copier->memory = open_proc(copier->pid, "mem");
	}
	if (copier->memory >= 0)
		got = pread(copier->memory, copier->chunk, size, (off_t)address);
	return got > 0 ? page_floor((uint64_t)got) : 0;
}

static bool is_zero_page(const uint8_t *page)
{
	return page[0] == 0 && !memcmp(page, page + 1, PAGE_SIZE_BYTES - 1);
}

static bool write_bytes(struct copier *copier, const uint8_t *bytes, size_t size,
			uint64_t offset)
{
	while (size) {
		ssize_t put = pwrite(copier->copy, bytes, size, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return error_set(copier->err, ERROR_OUTPUT,
					 "pid %" PRIu32 ": no room for a copy of its memory "
					 "(%s after %" PRIu64 " bytes); point TMPDIR to a "
					 "folder with room",
					 copier->pid, strerror(errno), offset);
		bytes += put;
		offset += (uint64_t)put;
		size -= (size_t)put;
	}
	return true;
}

/* Pages of zeros stay holes. */
static bool write_chunk(struct copier *copier, size_t size, uint64_t offset)
{
	for (size_t at = 0; at < size;) {
		size_t end = at;

		while (end < size && !is_zero_page(copier->chunk + end))
			end += PAGE_SIZE_BYTES;
		if (end > at && !write_bytes(copier, copier->chunk + at, end - at, offset + at))
			return false;
		at = end == at ? end + PAGE_SIZE_BYTES : end;
	}
	return true;
}

/* A guard was never to be read: it is a hole, but no loss. */
static void add_lost(struct copier *copier, addr_t start, addr_t end)
{
	struct stretches *lost = &copier->image->lost;
	struct stretch *last = lost->count ? &lost->items[lost->count - 1] : NULL;

	if (last && last->end == start)
		last->end = end;
	else
		stretches_push(lost, (struct stretch){.start = start, .end = end});
	if (!pagemap_is_guard(copier->pagemap, start))
		anomaly_record(copier->image->anomalies, "core", start,
			       "memory of the live process that could not be read");
}

/* Extends the piece, or starts another one behind a page that could not be read. */
static void add_to_piece(struct copier *copier, struct piece *piece, addr_t start, addr_t end)
{
	if (piece->end != start) {
		if (piece->start < piece->end)
			vector_push(&copier->pieces, *piece);
		piece->offset += start - piece->start;
		piece->start = start;
	}
	piece->end = end;
}

static bool copy_range(struct copier *copier, struct piece *piece, struct address_range range)
{
	unsigned failed = 0;

	// Untouched pages before the range belong to the piece; they are zeros.
	if (piece->end < range.start)
		piece->end = range.start;
	while (range.start < range.end) {
		uint64_t left = range.end - range.start;
		size_t got =
			read_memory(copier, range.start, left < CHUNK ? (size_t)left : CHUNK);

		if (got == 0) {
			bool ends = copier->is_file && ++failed == MOST_FAILED_READS;
			uint64_t skip = ends ? left : PAGE_SIZE_BYTES;

			add_lost(copier, range.start, range.start + skip);
			range.start += skip;
			add_to_piece(copier, piece, range.start, range.start);
			continue;
		}
		failed = 0;
		add_to_piece(copier, piece, range.start, range.start + got);
		if (!write_chunk(copier, got, piece->offset + (range.start - piece->start)))
			return false;
		range.start += got;
	}
	return true;
}

static void add_zeros(struct copier *copier, addr_t start, addr_t end)
{
	stretches_push(&copier->image->zeros, (struct stretch){.start = start, .end = end});
}

static void close_piece(struct copier *copier, struct piece *piece)
{
	if (piece->start < piece->end)
		vector_push(&copier->pieces, *piece);
	copier->end = piece->offset + (piece->end - piece->start);
}

/*
 * Copies what find_touched found.  Small holes stay in the piece, as zeros; large ones are
 * kept out of it, so that a reserve of gigabytes does not become a scan of gigabytes.
 */
static bool copy_touched(struct copier *copier, struct address_range range, uint32_t region)
{
	struct piece piece = {range.start, range.start, copier->end, region};
	bool done = true;

	vector_each (&copier->touched, touched) {
		if (done && touched->start - piece.end >= LONGEST_HOLE) {
			add_zeros(copier, piece.end, touched->start);
			close_piece(copier, &piece);
			piece = (struct piece){touched->start, touched->start, copier->end,
					       region};
		}
		done = done && copy_range(copier, &piece, *touched);
	}
	if (copier->touched.count == 0 || range.end - piece.end >= LONGEST_HOLE)
		add_zeros(copier, piece.end, range.end);
	else if (copier->touched.items[copier->touched.count - 1].end < range.end)
		piece.end = range.end;
	close_piece(copier, &piece);
	return done;
}

/* The mapped file is on this machine, the very one. */
static bool is_on_disk(const struct copier *copier, const struct process_mapping *mapping)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s%s", copier->sysroot, mapping->path);

	return mapping->inode && *mapping->path == '/' && length > 0 && length < PATH_MAX &&
	       !stat(path, &status) && S_ISREG(status.st_mode) &&
	       status.st_ino == mapping->inode && status.st_dev == mapping->device;
}

static bool is_device(const char *path)
{
	return !strncmp(path, "/dev/", 5) && strncmp(path, "/dev/shm/", 9) &&
	       strncmp(path, "/dev/zero", 9);
}

/* As much of the mapping as is to be copied; the kernel leaves out the same. */
static struct address_range wanted_range(struct copier *copier,
					 const struct process_mapping *mapping)
{
	struct address_range range = mapping->range;
	bool is_hidden = !mapping->readable || is_device(mapping->path) ||
			 !strncmp(mapping->path, "[vvar", 5);

	if (is_hidden)
		range.end = range.start;
	else if (is_on_disk(copier, mapping) && strncmp(mapping->path, "/dev/shm/", 9) &&
		 (mapping->shared || (!mapping->writable &&
				      !pagemap_was_written(copier->pagemap, mapping->range))))
		range.end = range.start + (mapping->offset ? 0 : PAGE_SIZE_BYTES);
	return range;
}

static bool copy_mapping(struct copier *copier, const struct process_mapping *mapping)
{
	struct image *image = copier->image;
	struct address_range range = wanted_range(copier, mapping);
	uint32_t region_index = (uint32_t)image->regions.count;
	struct image_region region = {
		.range = mapping->range,
		.name = mapping->path,
		.readable = mapping->readable,
		.writable = mapping->writable,
		.executable = mapping->executable,
	};
	struct file_range file = {
		.range = mapping->range, .offset = mapping->offset, .path = mapping->path};

	vector_push(&image->regions, region);
	if (mapping->inode && *mapping->path == '/')
		vector_push(&image->ranges, file);
	if (range.start == range.end)
		return true;
	copier->touched.count = 0;
	copier->is_file = mapping->inode != 0;
	// A page of a file or of shared memory may exist without being in this page table.
	if (mapping->inode == 0 && !mapping->shared)
		pagemap_find_touched(copier->pagemap, range, &copier->touched);
	else
		ranges_add(&copier->touched, range.start, range.end);
	return copy_touched(copier, range, region_index);
}

static bool map_copy(struct copier *copier)
{
	struct image *image = copier->image;

	if (copier->pieces.failed || copier->touched.failed)
		return error_out_of_memory(copier->err, "copying a process");
	if (ftruncate(copier->copy, (off_t)copier->end))
		return error_set(copier->err, ERROR_OUTPUT,
				 "pid %" PRIu32 ": the copy of its memory cannot get its size: "
				 "%s; point TMPDIR to another folder",
				 copier->pid, strerror(errno));
	if (!file_map_descriptor(&image->bytes, copier->copy, "the copy of the memory",
				 copier->err))
		return false;
	vector_each (&copier->pieces, piece)
		stretches_push(&image->dumped,
			       (struct stretch){piece->start, piece->end,
						image->bytes.bytes + piece->offset,
						piece->region});
	return true;
}

static bool copy_all(struct copier *copier, const struct process_mappings *mappings)
{
	copier->chunk = malloc(CHUNK);
	if (!copier->chunk)
		return error_out_of_memory(copier->err, "copying a process");
	if (!open_copy(copier))
		return false;
	vector_each (mappings, mapping)
		if (!copy_mapping(copier, mapping))
			return false;
	return true;
}

bool process_copy(struct image *image, const struct process_source *source,
		  const struct process_mappings *mappings, struct error *err)
{
	struct copier copier = {
		.image = image,
		.err = err,
		.pid = source->pid,
		.sysroot = source->sysroot,
		.memory = source->memory,
		.copy = -1,
	};
	bool done;

	copier.pagemap = open_proc(source->pid, "pagemap");
	done = copy_all(&copier, mappings) && map_copy(&copier);
	if (copier.memory >= 0 && copier.memory != source->memory)
		close(copier.memory);
	if (copier.pagemap >= 0)
		close(copier.pagemap);
	if (copier.copy >= 0)
		close(copier.copy);
	free(copier.chunk);
	vector_release(&copier.pieces);
	vector_release(&copier.touched);
	return done;
}
