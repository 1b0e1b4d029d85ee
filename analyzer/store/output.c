/*
 * The first bytes of a SQLite file, https://www.sqlite.org/fileformat2.html:
 *
 *	OFFSET  SIZE  MEANING
 *	     0    16  "SQLite format 3", NUL
 *	    60     4  user version, big endian: our schema version
 *	    68     4  application id, big endian
 */
#include "store/output.h"

#include "base/cleanup.h"
#include "store/database.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_SIZE = 100, HEADER_VERSION = 60, HEADER_APPLICATION = 68 };

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static enum output_state probe_header(int file, uint32_t *ret_version)
{
	uint8_t header[HEADER_SIZE];
	ssize_t size = pread(file, header, sizeof(header), 0);

	if (size < 0)
		return OUTPUT_UNREADABLE;
	if (size == 0)
		return OUTPUT_EMPTY;
	if (size < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0 ||
	    big_endian(header + HEADER_APPLICATION) != SCHEMA_APPLICATION_ID)
		return OUTPUT_OTHER;
	*ret_version = big_endian(header + HEADER_VERSION);
	return OUTPUT_SNAPSHOT;
}

enum output_state output_probe(const char *path, uint32_t *ret_version)
{
	enum output_state state;
	struct stat status;
	int file, cause;

	*ret_version = 0;
	if (stat(path, &status) != 0)
		return errno == ENOENT ? OUTPUT_ABSENT : OUTPUT_UNREADABLE;
	if (S_ISDIR(status.st_mode))
		return OUTPUT_DIRECTORY;
	if (!S_ISREG(status.st_mode))
		return OUTPUT_SPECIAL;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return OUTPUT_UNREADABLE;
	state = probe_header(file, ret_version);
	cause = errno;
	close(file);
	errno = cause;
	return state;
}

static char *resolve_folder(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	CLEANUP_FREE char *folder = NULL;
	CLEANUP_FREE char *real = NULL;
	char *joined;

	folder = slash == path ? strdup("/")
		 : slash       ? strndup(path, (size_t)(slash - path))
			       : strdup(".");
	if (folder)
		real = realpath(folder, NULL);
	if (!real) {
		error_set(err, ERROR_OUTPUT, "%s: cannot write into %s: %s", path,
			  folder ? folder : "", strerror(errno));
		return NULL;
	}
	if (asprintf(&joined, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) < 0) {
		error_out_of_memory(err, "naming the snapshot");
		return NULL;
	}
	return joined;
}

char *output_resolve(const char *path, struct error *err)
{
	size_t length = strlen(path);
	char *real = length ? realpath(path, NULL) : NULL;

	if (real)
		return real;
	if (length == 0 || path[length - 1] == '/') {
		error_set(err, ERROR_OUTPUT, "'%s' is not a name for a snapshot", path);
		return NULL;
	}
	return resolve_folder(path, err);
}

char *output_temporary(const char *resolved, struct error *err)
{
	char *name;

	if (asprintf(&name, "%s.tmp-%ld", resolved, (long)getpid()) >= 0)
		return name;
	error_out_of_memory(err, "naming the snapshot");
	return NULL;
}

bool store_temporary_path(const char *path, char *ret, size_t size)
{
	struct error err = {0};
	CLEANUP_FREE char *resolved = output_resolve(path, &err);
	CLEANUP_FREE char *name = resolved ? output_temporary(resolved, &err) : NULL;
	size_t length = name ? strlen(name) : size;

	if (length >= size)
		return false;
	memcpy(ret, name, length + 1);
	return true;
}

static bool check_replaceable(const char *path, struct error *err)
{
	uint32_t version;

	switch (output_probe(path, &version)) {
	case OUTPUT_ABSENT:
	case OUTPUT_EMPTY:
	case OUTPUT_SNAPSHOT:
		return true;
	case OUTPUT_DIRECTORY:
		return error_set(err, ERROR_OUTPUT, "%s: is a directory", path);
	case OUTPUT_SPECIAL:
		return error_set(err, ERROR_OUTPUT,
				 "%s: is not a regular file; a snapshot cannot replace it",
				 path);
	case OUTPUT_OTHER:
		return error_set(err, ERROR_OUTPUT,
				 "%s: exists and is not a heapsect snapshot; it is not "
				 "overwritten: remove it or choose another name with -o",
				 path);
	case OUTPUT_UNREADABLE:
		break;
	}
	return error_set(err, ERROR_OUTPUT, "%s: %s", path, strerror(errno));
}

/* Permission bits do not tell what root, a read-only or a full disk may do; creating does. */
static bool check_creatable(const char *path, const char *temporary, struct error *err)
{
	int file = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool full;

	if (file < 0)
		return error_set(err, ERROR_OUTPUT, "%s: cannot be written: %s", path,
				 strerror(errno));
	full = write(file, "heapsect", 8) != 8;
	full |= close(file) != 0;
	unlink(temporary);
	if (full)
		return error_set(err, ERROR_OUTPUT, "%s: cannot be written: the disk is full",
				 path);
	return true;
}

bool store_check_writable(const char *path, struct error *err)
{
	CLEANUP_FREE char *resolved = output_resolve(path, err);
	CLEANUP_FREE char *temporary = resolved ? output_temporary(resolved, err) : NULL;

	if (!temporary)
		return false;
	return check_replaceable(resolved, err) && check_creatable(path, temporary, err);
}
