#include "core/process_held.h"

#include "core/process_info.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* As gdb and struct user_regs_struct call them. */
static const char *const register_names[REGISTER_COUNT] = {
	[REGISTER_R15] = "r15",         [REGISTER_R14] = "r14",
	[REGISTER_R13] = "r13",         [REGISTER_R12] = "r12",
	[REGISTER_RBP] = "rbp",         [REGISTER_RBX] = "rbx",
	[REGISTER_R11] = "r11",         [REGISTER_R10] = "r10",
	[REGISTER_R9] = "r9",           [REGISTER_R8] = "r8",
	[REGISTER_RAX] = "rax",         [REGISTER_RCX] = "rcx",
	[REGISTER_RDX] = "rdx",         [REGISTER_RSI] = "rsi",
	[REGISTER_RDI] = "rdi",         [REGISTER_ORIG_RAX] = "orig_rax",
	[REGISTER_RIP] = "rip",         [REGISTER_CS] = "cs",
	[REGISTER_EFLAGS] = "eflags",   [REGISTER_RSP] = "rsp",
	[REGISTER_SS] = "ss",           [REGISTER_FS_BASE] = "fs_base",
	[REGISTER_GS_BASE] = "gs_base", [REGISTER_DS] = "ds",
	[REGISTER_ES] = "es",           [REGISTER_FS] = "fs",
	[REGISTER_GS] = "gs",
};

static void set_register(struct image_thread *thread, const char *name, size_t length,
			 uint64_t value)
{
	for (size_t i = 0; i < REGISTER_COUNT; i++)
		if (strlen(register_names[i]) == length &&
		    !memcmp(register_names[i], name, length))
			thread->registers[i] = value;
}

/* " NAME=0x…" at *text, which moves behind it. */
static bool parse_register(struct image_thread *thread, const char **text)
{
	const char *name = *text + strspn(*text, " \t"), *equals = name + strcspn(name, "= \t");
	unsigned long long value;
	char *end;

	if (equals == name || *equals != '=')
		return false;
	errno = 0;
	value = strtoull(equals + 1, &end, 0);
	if (errno || end == equals + 1)
		return false;
	set_register(thread, name, (size_t)(equals - name), value);
	*text = end + strspn(end, " \t");
	return true;
}

static bool parse_thread(const char *line, struct image_thread *ret)
{
	unsigned long id;
	char *end;

	*ret = (struct image_thread){.name = ""};
	errno = 0;
	id = strtoul(line, &end, 10);
	if (errno || end == line || !id || id > INT32_MAX || (*end != ' ' && *end != '\t'))
		return false;
	ret->id = (uint32_t)id;
	for (const char *at = end; *at && *at != '\n';)
		if (!parse_register(ret, &at))
			return false;
	// A thread without them cannot be told from one that is not there.
	return ret->registers[REGISTER_RIP] && ret->registers[REGISTER_RSP];
}

static bool has_thread(const struct image *image, uint32_t id)
{
	vector_each (&image->threads, thread)
		if (thread->id == id)
			return true;
	return false;
}

static bool read_registers(struct image *image, uint32_t pid, const char *path,
			   struct error *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t capacity = 0, number = 0;
	bool done = file != NULL;

	if (!file)
		return error_set(err, ERROR_INPUT, "%s: %s", path, strerror(errno));
	while (done && getline(&line, &capacity, file) > 0) {
		struct image_thread thread;

		number++;
		if (!parse_thread(line, &thread) || has_thread(image, thread.id)) {
			done = error_set(err, ERROR_FORMAT,
					 "%s: line %zu is not a thread of its own: TID "
					 "rip=0x... rsp=0x... and others",
					 path, number);
			break;
		}
		process_thread_name(pid, thread.id, thread.name, sizeof(thread.name));
		vector_push(&image->threads, thread);
	}
	free(line);
	fclose(file);
	if (image->threads.failed)
		return error_out_of_memory(err, "reading registers");
	return done;
}

static bool is_gone(char state)
{
	return state == 0 || state == 'Z' || state == 'X';
}

static bool check_stopped(uint32_t pid, uint32_t thread, struct error *err)
{
	char state = process_thread_state(pid, thread);

	return state == 't' || is_gone(state) ||
	       error_set(err, ERROR_INPUT,
			 "pid %" PRIu32 ": thread %" PRIu32
			 " is not stopped by a debugger; stop all threads of the process",
			 pid, thread);
}

bool process_check_held(uint32_t pid, struct error *err)
{
	struct thread_ids threads = {0};
	bool done = true;

	process_read_threads(pid, &threads);
	vector_each (&threads, id)
		done = done && check_stopped(pid, *id, err);
	vector_release(&threads);
	return done;
}

static bool check_complete(const struct image *image, uint32_t pid, const char *path,
			   struct error *err)
{
	struct thread_ids threads = {0};
	size_t found = 0;
	bool done = true;

	process_read_threads(pid, &threads);
	vector_each (&threads, id) {
		found += has_thread(image, *id);
		if (done && !has_thread(image, *id) && !is_gone(process_thread_state(pid, *id)))
			done = error_set(err, ERROR_INPUT,
					 "%s: has no registers of thread %" PRIu32
					 " of pid %" PRIu32 "; write it again",
					 path, *id, pid);
	}
	vector_release(&threads);
	if (done && found < image->threads.count)
		return error_set(err, ERROR_INPUT,
				 "%s: has threads that pid %" PRIu32
				 " does not have; write it again",
				 path, pid);
	return done;
}

bool process_read_held(struct image *image, uint32_t pid, const char *registers,
		       struct error *err)
{
	return process_check_held(pid, err) && read_registers(image, pid, registers, err) &&
	       check_complete(image, pid, registers, err);
}

bool process_check_readable(uint32_t pid, struct error *err)
{
	char path[64];
	int descriptor;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/mem", pid);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return error_set(err, ERROR_INPUT,
				 "pid %" PRIu32 ": its memory may not be read (%s); hand over "
				 "the debugger's descriptor with --memory-fd, or a core",
				 pid, strerror(errno));
	close(descriptor);
	return true;
}
