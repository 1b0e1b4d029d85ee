#include "core/process_info.h"

#include "base/vector.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LONGEST_FILE (256u << 20) /* more than the 65530 mappings a process may have */

const char *process_file(struct arena *arena, uint32_t pid, const char *name, size_t *ret_size)
{
	VECTOR_OF(char) text = {0};
	char path[96];
	const char *kept = NULL;
	ssize_t got = 0;
	int descriptor;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", pid, name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return NULL;
	while (text.count < LONGEST_FILE && vector_reserve(&text, 65536)) {
		got = read(descriptor, text.items + text.count, 65536);
		if (got <= 0)
			break;
		text.count += (size_t)got;
	}
	close(descriptor);
	if (got == 0 && !text.failed)
		kept = arena_string_n(arena, text.items ? text.items : "", text.count);
	*ret_size = text.count;
	vector_release(&text);
	return kept;
}

/* "7f12-7f13 rw-p 00001000 fe:00 1234    /usr/bin/x"; false where a line is not like that. */
static bool parse_line(struct arena *arena, const char *line, size_t length,
		       struct process_mapping *ret)
{
	unsigned major_number, minor_number;
	char flags[5];
	int path_at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 "%n",
		   &ret->range.start, &ret->range.end, flags, &ret->offset, &major_number,
		   &minor_number, &ret->inode, &path_at) < 7)
		return false;
	while ((size_t)path_at < length && line[path_at] == ' ')
		path_at++;
	ret->device = makedev(major_number, minor_number);
	ret->readable = flags[0] == 'r';
	ret->writable = flags[1] == 'w';
	ret->executable = flags[2] == 'x';
	ret->shared = flags[3] == 's';
	ret->path = arena_string_n(arena, line + path_at, length - (size_t)path_at);
	return ret->path && ret->range.start < ret->range.end;
}

bool process_read_mappings(struct arena *arena, uint32_t pid, struct process_mappings *ret,
			   struct error *err)
{
	size_t size;
	const char *text = process_file(arena, pid, "maps", &size);

	if (!text || !*text)
		return error_set(err, ERROR_INPUT,
				 "pid %" PRIu32 ": its mappings cannot be read; see that it "
				 "runs, and run as its user or as root",
				 pid);
	for (; *text; text += text[strcspn(text, "\n")] != '\0') {
		size_t length = strcspn(text, "\n");
		struct process_mapping mapping;

		if (parse_line(arena, text, length, &mapping))
			vector_push(ret, mapping);
		text += length;
	}
	if (ret->failed)
		return error_out_of_memory(err, "reading the mappings of a process");
	return true;
}

void process_read_threads(uint32_t pid, struct thread_ids *ret)
{
	char path[64];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task", pid);
	folder = opendir(path);
	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		unsigned long id = strtoul(entry->d_name, NULL, 10);

		if (id)
			vector_push(ret, (uint32_t)id);
	}
	closedir(folder);
}

char process_thread_state(uint32_t pid, uint32_t thread)
{
	char path[96], line[512] = {0};
	const char *after_name;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task/%" PRIu32 "/stat", pid, thread);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	// "12 (any (name)) S …": the name may hold parentheses.
	after_name = strrchr(line, ')');
	return after_name && after_name[1] == ' ' ? after_name[2] : 0;
}

void process_thread_name(uint32_t pid, uint32_t thread, char *ret, size_t size)
{
	char path[96];
	FILE *file;

	*ret = '\0';
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task/%" PRIu32 "/comm", pid, thread);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(ret, (int)size, file))
		ret[strcspn(ret, "\n")] = '\0';
	fclose(file);
}

uint32_t process_tracer(struct arena *arena, uint32_t pid)
{
	size_t size;
	const char *text = process_file(arena, pid, "status", &size);
	const char *line = text ? strstr(text, "\nTracerPid:") : NULL;

	return line ? (uint32_t)strtoul(line + strlen("\nTracerPid:"), NULL, 10) : 0;
}
