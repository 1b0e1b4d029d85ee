/*
 * Stopping every thread of a process, and letting all of them go on.
 */
#ifndef CORE_PROCESS_STOP_H
#define CORE_PROCESS_STOP_H

#include "base/arena.h"
#include "base/error.h"
#include "base/types.h"
#include "core/image.h"

struct stopped_thread {
	uint32_t id;
	uint32_t
		signal; /* that was on its way when the thread stopped; it gets it afterwards */
};

/* Zeroed: nothing is stopped. */
struct stopped_process {
	uint32_t pid;
	struct stopped_thread *items;
	size_t count, capacity;
	bool failed;
	uint64_t since_ns;
};

/* Even after a failure the caller must resume it: some threads may have been stopped. */
bool process_stop(struct stopped_process *ret, struct arena *arena, uint32_t pid,
		  struct error *err);

/* Lets every thread go on.  Returns the nanoseconds since the first one was stopped. */
uint64_t process_resume(struct stopped_process *stopped);

/* Registers and name; false if the thread died. */
bool process_read_thread(const struct stopped_process *stopped, size_t index,
			 struct image_thread *ret);

#endif
