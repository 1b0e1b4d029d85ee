#include "core/process.h"

#include "core/bytes.h"
#include "core/file_kind.h"
#include "core/process_copy.h"
#include "core/process_info.h"
#include "core/process_stop.h"

#include <elf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
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

/* A process in a container or chroot has its files elsewhere. */
static const char *find_root(struct image *image, uint32_t pid)
{
	struct stat ours, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root/", pid);
	if (stat("/", &ours) || stat(path, &its))
		return "";
	if (ours.st_dev == its.st_dev && ours.st_ino == its.st_ino)
		return "";
	return arena_format(image->arena, "/proc/%" PRIu32 "/root", pid);
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

static bool read_stopped(struct image *image, const struct stopped_process *stopped,
			 const char *sysroot, struct error *err)
{
	struct process_mappings mappings = {0};
	struct image_thread thread;
	bool done;

	for (size_t i = 0; i < stopped->count; i++)
		if (process_read_thread(stopped, i, &thread))
			vector_push(&image->threads, thread);
	done = process_read_mappings(image->arena, stopped->pid, &mappings, err) &&
	       process_copy(image, stopped->pid, &mappings, sysroot, err);
	vector_release(&mappings);
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
	struct stopped_process stopped;
	bool done;

	if (!check_pid(pid, err))
		return false;
	*ret_options = *options;
	if (!ret_options->sysroot)
		ret_options->sysroot = find_root(image, pid);
	if (!ret_options->executable)
		ret_options->executable = find_executable(image, pid);
	image->process.pid = pid;
	image->process.source = arena_format(image->arena, "pid %" PRIu32, pid);
	read_command_line(image, pid);
	read_auxiliary(image, pid);
	done = process_stop(&stopped, image->arena, pid, err) &&
	       read_stopped(image, &stopped, ret_options->sysroot, err);
	image->process.stopped_ns = process_resume(&stopped);
	return done;
}
