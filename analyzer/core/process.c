#include "core/process.h"

#include "core/bytes.h"
#include "core/file_kind.h"
#include "core/process_copy.h"
#include "core/process_held.h"
#include "core/process_info.h"
#include "core/process_stop.h"

#include <elf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_COMMAND_LINE 4096u

static bool check_executable(uint32_t pid, struct error *err)
{
	struct file_map file;
	struct error ignored = {0};
	char path[64], source[32];
	bool fits;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", pid);
	snprintf(source, sizeof(source), "pid %" PRIu32, pid);
	if (!file_map_open(&file, path, &ignored))
		return true; // Stopping it will say better why it cannot be read.
	fits = check_machine(&file, source, "a process", err);
	file_map_close(&file);
	return fits;
}

static void read_command_line(struct image *image, uint32_t pid)
{
	size_t size;
	const char *text = process_file(image->arena, pid, "cmdline", &size);
	char *line;

	if (!text || size == 0)
		return;
	if (size > LONGEST_COMMAND_LINE)
		size = LONGEST_COMMAND_LINE;
	line = arena_string_n(image->arena, text, size);
	if (!line)
		return;
	while (size && line[size - 1] == '\0')
		size--;
	for (size_t i = 0; i < size; i++)
		if (line[i] == '\0')
			line[i] = ' ';
	image->process.command_line = line;
}

static void read_auxiliary(struct image *image, uint32_t pid)
{
	size_t size;
	const uint8_t *bytes = (const uint8_t *)process_file(image->arena, pid, "auxv", &size);

	for (uint64_t at = 0; bytes && span_fits(at, 16, size); at += 16) {
		struct auxiliary pair = {load_u64(bytes + at), load_u64(bytes + at + 8)};

		if (pair.type == AT_NULL)
			return;
		vector_push(&image->auxiliary, pair);
	}
}

/* Where the files of a process are. */
struct root {
	const char *folder; /* what it has for /; "" if that is ours */
	const char
		*prefix; /* of the paths that /proc/PID/maps shows: the folder they lie below */
	const char *cut; /* the beginning of those paths that is to be left out; or "" */
};

static bool is_same(const char *left, const char *right)
{
	struct stat a, b;

	return !stat(left, &a) && !stat(right, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * A process in a container or chroot has its files elsewhere.  The kernel shows paths from the
 * root of the mount namespace on, whatever the process's own root is: they are right as they
 * are if the namespace is ours, and else lie below /proc/PID/root once its own root is cut off.
 */
static struct root find_root(struct image *image, uint32_t pid, const char *sysroot)
{
	struct root root = {"", "", ""};
	char path[64], target[PATH_MAX] = "", namespace[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root", pid);
	snprintf(namespace, sizeof(namespace), "/proc/%" PRIu32 "/ns/mnt", pid);
	if (access(path, F_OK) == 0 && !is_same("/", path)) {
		if (readlink(path, target, sizeof(target) - 1) > 1)
			root.cut = arena_string(image->arena, target);
		root.folder = root.prefix = arena_string(image->arena, path);
	}
	if (sysroot)
		root.folder = root.prefix = sysroot;
	else if (root.cut && *root.cut && is_same("/proc/self/ns/mnt", namespace))
		root = (struct root){.folder = root.cut, .prefix = "", .cut = ""};
	return root;
}

/* From here on paths are as the process sees them. */
static void cut_root(struct process_mappings *mappings, const char *root)
{
	size_t length = strlen(root);

	vector_each (mappings, mapping)
		if (length && !strncmp(mapping->path, root, length) &&
		    mapping->path[length] == '/')
			mapping->path += length;
}

/* The kernel keeps an executable whose file was replaced, for as long as the process lives. */
static const char *find_executable(struct image *image, uint32_t pid)
{
	static const char deleted[] = " (deleted)";
	char path[64], target[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", pid);
	length = readlink(path, target, sizeof(target));
	if (length < (ssize_t)sizeof(deleted) ||
	    memcmp(target + length - (sizeof(deleted) - 1), deleted, sizeof(deleted) - 1))
		return NULL;
	return arena_string(image->arena, path);
}

static bool read_memory(struct image *image, const struct root *root, int memory,
			struct error *err)
{
	struct process_source source = {image->process.pid, memory, root->prefix};
	struct process_mappings mappings = {0};
	bool done = process_read_mappings(image->arena, source.pid, &mappings, err);

	cut_root(&mappings, root->cut);
	done = done && process_copy(image, &source, &mappings, err);
	vector_release(&mappings);
	return done;
}

static bool read_running(struct image *image, const struct root *root, struct error *err)
{
	struct stopped_process stopped;
	struct image_thread thread;
	bool done = process_stop(&stopped, image->arena, image->process.pid, err);

	for (size_t i = 0; done && i < stopped.count; i++)
		if (process_read_thread(&stopped, i, &thread))
			vector_push(&image->threads, thread);
	done = done && read_memory(image, root, -1, err);
	image->process.stopped_ns = process_resume(&stopped);
	return done;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Its debugger could have let it go meanwhile, so that is asked again afterwards. */
static bool read_held(struct image *image, const struct root *root,
		      const struct image_options *options, struct error *err)
{
	uint32_t pid = image->process.pid;
	uint64_t start = now_ns();
	int memory = options->memory_fd ? (int)options->memory_fd : -1;
	bool done = process_read_held(image, pid, options->registers, err) &&
		    (memory >= 0 || process_check_readable(pid, err)) &&
		    read_memory(image, root, memory, err) && process_check_held(pid, err);

	image->process.stopped_ns = now_ns() - start;
	return done;
}

static bool check_pid(uint32_t pid, struct error *err)
{
	char path[32];

	if (pid == (uint32_t)getpid())
		return error_set(err, ERROR_INPUT,
				 "pid %" PRIu32 ": is this very process; give another one",
				 pid);
	snprintf(path, sizeof(path), "/proc/%" PRIu32, pid);
	if (pid == 0 || access(path, F_OK))
		return error_set(
			err, ERROR_INPUT,
			"pid %" PRIu32 ": there is no such process; give one that runs", pid);
	return check_executable(pid, err);
}

bool process_read(struct image *image, uint32_t pid, const struct image_options *options,
		  struct image_options *ret_options, struct error *err)
{
	struct root root;

	if (!check_pid(pid, err))
		return false;
	*ret_options = *options;
	root = find_root(image, pid, options->sysroot);
	if (!root.folder || !root.cut)
		return error_out_of_memory(err, "looking for the process's files");
	ret_options->sysroot = root.prefix;
	image->process.root = root.folder;
	if (!ret_options->executable)
		ret_options->executable = find_executable(image, pid);
	image->process.pid = pid;
	image->process.source = arena_format(image->arena, "pid %" PRIu32, pid);
	read_command_line(image, pid);
	read_auxiliary(image, pid);
	return options->registers ? read_held(image, &root, options, err)
				  : read_running(image, &root, err);
}
