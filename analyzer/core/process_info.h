/*
 * What /proc tells about a process: its mappings, threads, command line.
 * Format: proc(5), Linux 6.1.
 */
#ifndef CORE_PROCESS_INFO_H
#define CORE_PROCESS_INFO_H

#include "base/arena.h"
#include "base/error.h"
#include "base/types.h"

/* A line of /proc/PID/maps. */
struct process_mapping {
	struct address_range range;
	bool readable, writable, executable, shared;
	uint64_t offset;  /* bytes into the file */
	uint64_t device;  /* as st_dev */
	uint64_t inode;   /* 0: no file */
	const char *path; /* or "[heap]", or "" */
};

struct process_mappings {
	struct process_mapping *items;
	size_t count, capacity;
	bool failed;
};

struct thread_ids {
	uint32_t *items;
	size_t count, capacity;
	bool failed;
};

/* The file below /proc/PID/ as text with a NUL after it, in the arena; NULL: cannot be read. */
const char *process_file(struct arena *arena, uint32_t pid, const char *name, size_t *ret_size);

bool process_read_mappings(struct arena *arena, uint32_t pid, struct process_mappings *ret,
			   struct error *err);

/* Adds nothing where there is no such process. */
void process_read_threads(uint32_t pid, struct thread_ids *ret);

/* The letter of a thread's state: 'R', 'S', 'Z' …; 0 if there is no such thread. */
char process_thread_state(uint32_t pid, uint32_t thread);

/* What the kernel calls a thread; "" if it cannot be read. */
void process_thread_name(uint32_t pid, uint32_t thread, char *ret, size_t size);

/* Who traces it; 0 for nobody. */
uint32_t process_tracer(struct arena *arena, uint32_t pid);

#endif
