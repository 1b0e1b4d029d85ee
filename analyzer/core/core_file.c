/*
 * OFFSET SIZE MEANING                     (System V gABI, 64-bit ELF header; 64 bytes)
 *     16    2 type: 4 is a core
 *     32    8 where the program headers are
 *     40    8 where the section headers are
 *     54    2 size of a program header: 56
 *     56    2 number of program headers; 0xffff: see the first section header, +44 (4 bytes)
 * Program header
 *      0    4 type: 1 PT_LOAD, 4 PT_NOTE
 *      4    4 flags: 1 executable, 2 writable, 4 readable
 *      8    8 offset in the file
 *     16    8 address
 *     32    8 bytes in the file
 *     40    8 bytes in memory
 */
#include "core/core_file.h"

#include "core/bytes.h"
#include "core/core_notes.h"
#include "core/file_kind.h"

#include <elf.h>
#include <inttypes.h>

#define PROGRAM_HEADER_SIZE 56u
#define MOST_NOTE_SEGMENTS  16u /* both writers make one */

struct program_header {
	uint32_t type, flags;
	uint64_t offset, address, file_size, memory_size;
};

/* Where the headers are, and what turned out to be missing. */
struct reading {
	struct image *image;
	const char *path;
	uint64_t headers_at, header_count;
	uint64_t wanted;  /* size the file should have */
	uint64_t missing; /* bytes of memory that should be there */
	uint64_t taken;   /* bytes of memory that are there */
	bool headers_end; /* before all of them were read, so nobody knows what is wanted */
	unsigned note_segments;
};

static bool check_is_core(const struct file_map *file, const char *path, struct error *err)
{
	const char *command = file_kind_decompressor(file);

	if (command)
		return error_set(err, ERROR_FORMAT, "%s: is %s; decompress it with '%s' first",
				 path, file_kind(file), command);
	if (!check_machine(file, path, "a core", err))
		return false;
	if (load_u16(file->bytes + 16) != ET_CORE)
		return error_set(err, ERROR_FORMAT, "%s: is %s, not a core; give a core", path,
				 file_kind(file));
	return true;
}

static bool find_headers(struct reading *reading, struct error *err)
{
	const struct file_map *file = &reading->image->bytes;
	uint64_t sections_at = load_u64(file->bytes + 40);

	reading->headers_at = load_u64(file->bytes + 32);
	reading->header_count = load_u16(file->bytes + 56);
	if (reading->header_count == PN_XNUM) {
		if (!span_fits(sections_at, 64, file->size))
			return error_set(err, ERROR_FORMAT,
					 "%s: truncated: the number of its segments is not "
					 "there; get the whole core",
					 reading->path);
		reading->header_count = load_u32(file->bytes + sections_at + 44);
	}
	if (reading->header_count == 0 || load_u16(file->bytes + 54) != PROGRAM_HEADER_SIZE)
		return error_set(err, ERROR_FORMAT,
				 "%s: damaged: a core without program headers; get it again",
				 reading->path);
	return true;
}

static bool read_header(const struct reading *reading, uint64_t index,
			struct program_header *ret)
{
	const struct file_map *file = &reading->image->bytes;
	uint64_t from_first = index * PROGRAM_HEADER_SIZE;
	const uint8_t *bytes;

	if (!span_fits(reading->headers_at, from_first + PROGRAM_HEADER_SIZE, file->size))
		return false;
	bytes = file->bytes + reading->headers_at + from_first;
	*ret = (struct program_header){
		.type = load_u32(bytes),
		.flags = load_u32(bytes + 4),
		.offset = load_u64(bytes + 8),
		.address = load_u64(bytes + 16),
		.file_size = load_u64(bytes + 32),
		.memory_size = load_u64(bytes + 40),
	};
	return true;
}

/* The bytes of a segment that the file really has. */
static uint64_t bytes_present(struct reading *reading, const struct program_header *header)
{
	uint64_t size = reading->image->bytes.size;
	uint64_t there = header->offset < size ? size - header->offset : 0;
	uint64_t end;

	if (__builtin_add_overflow(header->offset, header->file_size, &end))
		end = UINT64_MAX;
	if (header->file_size && end > reading->wanted)
		reading->wanted = end;
	return there < header->file_size ? there : header->file_size;
}

/*
 * What the core leaves out of a mapping that the process could write to may differ from the
 * file.  The kernel leaves such a mapping out only when nothing was written to it, and then
 * it keeps at most the page with the ELF header.
 */
static bool may_differ(const struct program_header *header)
{
	return header->flags & PF_W && header->file_size > PAGE_SIZE_BYTES;
}

static void add_dumped(struct reading *reading, const struct program_header *header,
		       uint32_t region)
{
	struct image *image = reading->image;
	uint64_t present = bytes_present(reading, header);
	addr_t start = header->address, end = start + header->memory_size;

	// No writer stores a byte of the file in two places, so a sum above it is an attack.
	if (present > image->bytes.size - reading->taken) {
		anomaly_record(image->anomalies, "core", start,
			       "segments claim more bytes than the core has");
		present = 0;
	}
	reading->taken += present;
	reading->missing += header->file_size - present;
	stretches_push(&image->dumped,
		       (struct stretch){start, start + present,
					present ? image->bytes.bytes + header->offset : NULL,
					region});
	stretches_push(
		&image->lost,
		(struct stretch){.start = start + present,
				 .end = may_differ(header) ? end : start + header->file_size});
}

static void add_load(struct reading *reading, struct program_header *header)
{
	struct image *image = reading->image;
	struct image_region region = {
		.range = {header->address, header->address + header->memory_size},
		.readable = header->flags & PF_R,
		.writable = header->flags & PF_W,
		.executable = header->flags & PF_X,
	};

	if (!span_fits(header->address, header->memory_size, UINT64_MAX)) {
		anomaly_record(image->anomalies, "core", header->address,
			       "a segment passes the end of the address space");
		return;
	}
	if (header->file_size > header->memory_size) {
		anomaly_record(image->anomalies, "core", header->address,
			       "a segment has more bytes in the core than in memory");
		header->file_size = header->memory_size;
	}
	if (header->memory_size == 0)
		return;
	add_dumped(reading, header, (uint32_t)image->regions.count);
	vector_push(&image->regions, region);
}

static void add_notes(struct reading *reading, const struct program_header *header)
{
	uint64_t present = bytes_present(reading, header);

	if (present && reading->note_segments++ < MOST_NOTE_SEGMENTS)
		core_notes_read(reading->image, reading->image->bytes.bytes + header->offset,
				present);
}

static void read_segments(struct reading *reading)
{
	struct program_header header;

	for (uint64_t i = 0; i < reading->header_count; i++) {
		if (!read_header(reading, i, &header)) {
			reading->headers_end = true;
			return;
		}
		if (header.type == PT_LOAD)
			add_load(reading, &header);
		else if (header.type == PT_NOTE)
			add_notes(reading, &header);
	}
}

static bool check_headers(const struct reading *reading, bool partial, struct error *err)
{
	uint64_t size = reading->image->bytes.size;

	if (!reading->headers_end)
		return true;
	if (!partial)
		return error_set(err, ERROR_FORMAT,
				 "%s: truncated: its %" PRIu64 " bytes end before its list of "
				 "segments does; get the whole core, or analyze what there is "
				 "with --partial",
				 reading->path, size);
	anomaly_record(reading->image->anomalies, "core", 0,
		       "the core is truncated: its list of segments is not all there");
	return true;
}

static bool check_is_whole(const struct reading *reading, bool partial, struct error *err)
{
	uint64_t size = reading->image->bytes.size;

	if (!check_headers(reading, partial, err))
		return false;
	if (reading->wanted <= size)
		return true;
	if (!partial)
		return error_set(err, ERROR_FORMAT,
				 "%s: truncated: %" PRIu64 " of %" PRIu64
				 " bytes are there; get the whole core, or analyze what there "
				 "is with --partial",
				 reading->path, size, reading->wanted);
	anomaly_record(reading->image->anomalies, "core", 0,
		       "the core is truncated: %" PRIu64 " of %" PRIu64
		       " bytes of the file are there, %" PRIu64 " bytes of memory are missing",
		       size, reading->wanted, reading->missing);
	return true;
}

static bool no_memory(const struct reading *reading, struct error *err)
{
	if (reading->headers_end || reading->missing)
		return error_set(err, ERROR_FORMAT,
				 "%s: truncated: there is no memory in its %" PRIu64
				 " bytes; get the whole core",
				 reading->path, reading->image->bytes.size);
	return error_set(err, ERROR_FORMAT,
			 "%s: holds no memory; let the kernel dump anonymous memory "
			 "(/proc/PID/coredump_filter, see core(5))",
			 reading->path);
}

static void note_absences(const struct image *image)
{
	if (image->threads.count == 0)
		anomaly_record(image->anomalies, "core", 0, "the core names no threads");
	if (image->ranges.count == 0)
		anomaly_record(image->anomalies, "core", 0, "the core names no mapped files");
	if (image->auxiliary.count == 0)
		anomaly_record(image->anomalies, "core", 0, "the core has no auxiliary vector");
}

bool core_file_read(struct image *image, const char *path, const struct image_options *options,
		    struct error *err)
{
	struct reading reading = {.image = image, .path = path};

	if (!file_map_open(&image->bytes, path, err))
		return false;
	if (!check_is_core(&image->bytes, path, err) || !find_headers(&reading, err))
		return false;
	read_segments(&reading);
	if (!check_is_whole(&reading, options->partial, err))
		return false;
	if (image->dumped.count == 0)
		return no_memory(&reading, err);
	note_absences(image);
	image->process.source = arena_string(image->arena, path);
	return true;
}
