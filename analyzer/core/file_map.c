#include "core/file_map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot(struct error *err, const char *path, const char *what)
{
	return error_set(err, ERROR_INPUT, "%s: cannot be %s: %s", path, what, strerror(errno));
}

bool file_map_descriptor(struct file_map *ret, int descriptor, const char *path,
			 struct error *err)
{
	struct stat status;
	void *bytes;

	*ret = (struct file_map){0};
	if (fstat(descriptor, &status))
		return cannot(err, path, "read");
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_INPUT, "%s: is %s; give the path of a regular file",
				 path,
				 S_ISDIR(status.st_mode) ? "a folder" : "no regular file");
	if (status.st_size == 0)
		return true;
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE,
		     descriptor, 0);
	if (bytes == MAP_FAILED)
		return cannot(err, path, "mapped");
	ret->bytes = bytes;
	ret->size = (uint64_t)status.st_size;
	return true;
}

bool file_map_open(struct file_map *ret, const char *path, struct error *err)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool mapped;

	*ret = (struct file_map){0};
	if (descriptor < 0)
		return cannot(err, path, "opened");
	mapped = file_map_descriptor(ret, descriptor, path, err);
	close(descriptor);
	return mapped;
}

void file_map_close(struct file_map *map)
{
	if (map->bytes)
		munmap((void *)(uintptr_t)map->bytes, map->size);
	*map = (struct file_map){0};
}
