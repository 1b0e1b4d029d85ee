#include "core/process_stop.h"

#include "base/vector.h"
#include "core/process_info.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#define LONGEST_WAIT_NS 10000000000ull /* for one thread to stop */
#define MOST_PASSES     1000

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool is_known(const struct stopped_process *stopped, uint32_t thread)
{
	vector_each (stopped, known)
		if (known->id == thread)
			return true;
	return false;
}

static bool refuse(const struct stopped_process *stopped, struct arena *arena, int cause,
		   struct error *err)
{
	uint32_t tracer = process_tracer(arena, stopped->pid);

	if (tracer)
		return error_set(err, ERROR_INPUT,
				 "pid %" PRIu32 ": is being debugged by pid %" PRIu32
				 "; detach that, or let it write a core (generate-core-file)",
				 stopped->pid, tracer);
	if (cause == EPERM)
		return error_set(err, ERROR_INPUT,
				 "pid %" PRIu32
				 ": not permitted to stop it; run as root, or as "
				 "its user with /proc/sys/kernel/yama/ptrace_scope at 0",
				 stopped->pid);
	return error_set(err, ERROR_INPUT, "pid %" PRIu32 ": cannot be stopped: %s",
			 stopped->pid, strerror(cause));
}

/* True once the thread has stopped or is gone; what it stopped for is kept for later. */
static bool has_stopped(struct stopped_process *stopped, size_t index)
{
	struct stopped_thread *thread = &stopped->items[index];
	int status;
	pid_t got = waitpid((pid_t)thread->id, &status, __WALL | WNOHANG);

	if (got == 0 || (got < 0 && errno == EINTR))
		return false;
	if (got < 0 || !WIFSTOPPED(status)) {
		stopped->items[index] = stopped->items[--stopped->count];
		return true;
	}
	if (status >> 16 != PTRACE_EVENT_STOP)
		thread->signal = (uint32_t)WSTOPSIG(status);
	return true;
}

static bool wait_for(struct stopped_process *stopped, size_t index, struct error *err)
{
	uint64_t start = now_ns();
	struct timespec pause = {0, 20000};
	uint32_t id = stopped->items[index].id;

	while (!has_stopped(stopped, index)) {
		if (now_ns() - start > LONGEST_WAIT_NS)
			return error_set(err, ERROR_INPUT,
					 "pid %" PRIu32 ": thread %" PRIu32
					 " does not stop (it waits inside the kernel); try "
					 "again later",
					 stopped->pid, id);
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool seize(struct stopped_process *stopped, struct arena *arena, uint32_t thread,
		  struct error *err)
{
	struct stopped_thread entry = {.id = thread};
	char state;

	// Room first: a thread that is stopped and not written down would stay stopped.
	if (!vector_reserve(stopped, 1))
		return error_out_of_memory(err, "stopping a process");
	if (ptrace(PTRACE_SEIZE, (pid_t)thread, NULL, NULL)) {
		int cause = errno;

		state = process_thread_state(stopped->pid, thread);
		if (state == 0 || state == 'Z' || state == 'X')
			return true;
		return refuse(stopped, arena, cause, err);
	}
	vector_push(stopped, entry);
	ptrace(PTRACE_INTERRUPT, (pid_t)thread, NULL, NULL);
	return true;
}

/* One look at the list of threads; *ret is how many were not stopped yet. */
static bool stop_pass(struct stopped_process *stopped, struct arena *arena, size_t *ret,
		      struct error *err)
{
	struct thread_ids threads = {0};
	size_t first = stopped->count;
	bool done = true;

	process_read_threads(stopped->pid, &threads);
	vector_each (&threads, id)
		if (done && !is_known(stopped, *id))
			done = seize(stopped, arena, *id, err);
	*ret = stopped->count - first;
	for (size_t i = stopped->count; done && i > first; i--)
		done = wait_for(stopped, i - 1, err);
	vector_release(&threads);
	return done;
}

bool process_stop(struct stopped_process *ret, struct arena *arena, uint32_t pid,
		  struct error *err)
{
	size_t found;

	*ret = (struct stopped_process){.pid = pid, .since_ns = now_ns()};
	// A thread that still runs may start others, so look until there are no new ones.
	for (int pass = 0; pass < MOST_PASSES; pass++) {
		if (!stop_pass(ret, arena, &found, err))
			return false;
		if (found == 0)
			break;
	}
	if (ret->count == 0)
		return error_set(err, ERROR_INPUT,
				 "pid %" PRIu32
				 ": has no running thread; see that it exists and "
				 "is no kernel thread",
				 pid);
	return true;
}

/* One that is still on its way to stop can only be let go once it has arrived. */
static void detach(const struct stopped_thread *thread)
{
	void *signal = (void *)(uintptr_t)thread->signal;
	struct timespec pause = {0, 10000000};

	for (int tries = 0; tries < 100; tries++) {
		if (!ptrace(PTRACE_DETACH, (pid_t)thread->id, NULL, signal) || errno != ESRCH)
			return;
		if (waitpid((pid_t)thread->id, NULL, __WALL | WNOHANG) < 0)
			return;
		nanosleep(&pause, NULL);
	}
}

uint64_t process_resume(struct stopped_process *stopped)
{
	uint64_t took;

	vector_each (stopped, thread)
		detach(thread);
	took = stopped->count ? now_ns() - stopped->since_ns : 0;
	vector_release(stopped);
	return took;
}

bool process_read_thread(const struct stopped_process *stopped, size_t index,
			 struct image_thread *ret)
{
	struct user_regs_struct registers;

	*ret = (struct image_thread){.id = stopped->items[index].id};
	if (ptrace(PTRACE_GETREGS, (pid_t)ret->id, NULL, &registers))
		return false;
	_Static_assert(sizeof(registers) == sizeof(ret->registers), "the same 27 registers");
	memcpy(ret->registers, &registers, sizeof(registers));
	process_thread_name(stopped->pid, ret->id, ret->name, sizeof(ret->name));
	return true;
}
