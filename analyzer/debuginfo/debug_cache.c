#include "debuginfo/debug_cache.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC          "heapsdi"
#define FORMAT_VERSION 1u
#define SIZE_LIMIT     ((uint64_t)1 << 30)

/* The arrays, by number. */
enum {
#define CACHE_ARRAY(name, type) ARRAY_##name,
	FLAT_ARRAYS(CACHE_ARRAY)
#undef CACHE_ARRAY
		ARRAYS
};

struct cache_header {
	char magic[8];
	uint32_t version;
	uint32_t arrays;
	uint64_t checksum;
	struct cache_array {
		uint64_t record_size;
		uint64_t count;
	} array[ARRAYS];
};

static void close_file(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static uint64_t padded(uint64_t size)
{
	return (size + 7) & ~(uint64_t)7;
}

static bool format_path(const char *dir, const struct build_id *id, const char *suffix,
			char ret[PATH_MAX])
{
	char hex[2 * BUILD_ID_MAX + 1];
	int length;

	if (!dir || id->size == 0)
		return false;
	build_id_format(id, hex);
	length = snprintf(ret, PATH_MAX, "%s/%s.debuginfo%s", dir, hex, suffix);
	return length > 0 && length < PATH_MAX;
}

/* By words: the files have megabytes, and all of them are read at each start. */
static uint64_t checksum_add(uint64_t sum, const void *bytes, size_t size)
{
	const char *position = bytes;
	uint64_t word;

	for (; size >= sizeof(word); size -= sizeof(word), position += sizeof(word)) {
		memcpy(&word, position, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 32;
	}
	word = 0;
	if (size)
		memcpy(&word, position, size);
	sum = (sum ^ word ^ (uint64_t)size << 56) * 0x9e3779b97f4a7c15u;
	return sum ^ sum >> 32;
}

/* Of the array table and the arrays. */
static uint64_t checksum_of(const struct cache_header *header, const struct flat *flat)
{
	uint64_t sum = checksum_add(FORMAT_VERSION, header->array, sizeof(header->array));

#define CACHE_CHECKSUM(name, type) \
	sum = checksum_add(sum, flat->name.items, flat->name.count * sizeof(type));
	FLAT_ARRAYS(CACHE_CHECKSUM)
#undef CACHE_CHECKSUM
	return sum;
}

static void fill_header(struct cache_header *ret, const struct flat *flat)
{
	*ret = (struct cache_header){.version = FORMAT_VERSION, .arrays = ARRAYS};
	memcpy(ret->magic, MAGIC, sizeof(ret->magic));
#define CACHE_HEADER(name, type) \
	ret->array[ARRAY_##name] = (struct cache_array){sizeof(type), flat->name.count};
	FLAT_ARRAYS(CACHE_HEADER)
#undef CACHE_HEADER
	ret->checksum = checksum_of(ret, flat);
}

enum direction { IN, OUT };

static bool move_fully(enum direction direction, int fd, char *buf, size_t size)
{
	while (size > 0) {
		ssize_t count = direction == IN ? read(fd, buf, size) : write(fd, buf, size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		buf += count;
		size -= (size_t)count;
	}
	return true;
}

static bool read_fully(int fd, void *buf, size_t size)
{
	return move_fully(IN, fd, buf, size);
}

static bool write_fully(int fd, const void *buf, size_t size)
{
	return move_fully(OUT, fd, (char *)(uintptr_t)buf, size);
}

/* Its counts fit the file exactly, so nothing allocated after it is larger than the file. */
static bool is_header(const struct cache_header *header, uint64_t file_size)
{
	static const uint64_t sizes[ARRAYS] = {
#define CACHE_SIZE(name, type) [ARRAY_##name] = sizeof(type),
		FLAT_ARRAYS(CACHE_SIZE)
#undef CACHE_SIZE
	};
	uint64_t size = sizeof(*header);

	if (memcmp(header->magic, MAGIC, sizeof(header->magic)) != 0 ||
	    header->version != FORMAT_VERSION || header->arrays != ARRAYS)
		return false;
	for (size_t i = 0; i < ARRAYS; i++) {
		if (header->array[i].record_size != sizes[i] ||
		    header->array[i].count > file_size / sizes[i])
			return false;
		size += padded(header->array[i].count * sizes[i]);
	}
	return size == file_size;
}

/* With the padding, which must be 0 as written. */
static bool read_array(int fd, void **items, size_t size)
{
	static const char zeros[8];
	char padding[8];
	size_t more = (size_t)padded(size) - size;

	if (size == 0)
		return true;
	*items = malloc(size);
	return *items && read_fully(fd, *items, size) && read_fully(fd, padding, more) &&
	       memcmp(padding, zeros, more) == 0;
}

static bool read_arrays(int fd, const struct cache_header *header, struct flat *ret)
{
	void *items;

#define CACHE_READ(name, type)                                                       \
	items = NULL;                                                                \
	if (!read_array(fd, &items,                                                  \
			(size_t)header->array[ARRAY_##name].count * sizeof(type))) { \
		free(items);                                                         \
		return false;                                                        \
	}                                                                            \
	ret->name.items = items;                                                     \
	ret->name.count = ret->name.capacity = (size_t)header->array[ARRAY_##name].count;
	FLAT_ARRAYS(CACHE_READ)
#undef CACHE_READ
	return true;
}

bool debug_cache_read(const char *dir, const struct build_id *id, struct flat *ret)
{
	CLEANUP(close_file) int fd = -1;
	CLEANUP(flat_release) struct flat flat = {0};
	struct cache_header header;
	struct stat status;
	char path[PATH_MAX];

	if (!format_path(dir, id, "", path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
	    status.st_size < (off_t)sizeof(header) || (uint64_t)status.st_size > SIZE_LIMIT ||
	    !read_fully(fd, &header, sizeof(header)) ||
	    !is_header(&header, (uint64_t)status.st_size) || !read_arrays(fd, &header, &flat))
		return false;
	if (checksum_of(&header, &flat) != header.checksum || !flat_is_valid(&flat))
		return false;
	*ret = flat;
	flat = (struct flat){0};
	return true;
}

/* As `mkdir -p`; what it could not make shows when the file is opened. */
static void make_folder(const char *dir)
{
	char path[PATH_MAX];
	size_t length = strlen(dir);

	if (length >= sizeof(path))
		return;
	memcpy(path, dir, length + 1);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
}

static bool write_array(int fd, const void *items, size_t size)
{
	static const char zeros[8];

	return write_fully(fd, items, size) &&
	       write_fully(fd, zeros, (size_t)padded(size) - size);
}

static bool write_file(int fd, const struct flat *flat)
{
	struct cache_header header;

	fill_header(&header, flat);
	if (!write_fully(fd, &header, sizeof(header)))
		return false;
#define CACHE_WRITE(name, type)                                                  \
	if (!write_array(fd, flat->name.items, flat->name.count * sizeof(type))) \
		return false;
	FLAT_ARRAYS(CACHE_WRITE)
#undef CACHE_WRITE
	return true;
}

bool debug_cache_write(const char *dir, const struct build_id *id, const struct flat *flat)
{
	CLEANUP(close_file) int fd = -1;
	char path[PATH_MAX], temporary[PATH_MAX];

	if (!format_path(dir, id, "", path) || !format_path(dir, id, ".XXXXXX", temporary))
		return false;
	make_folder(dir);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!write_file(fd, flat) || rename(temporary, path) != 0) {
		unlink(temporary);
		return false;
	}
	return true;
}
