/*
 * The memory of one process as it was at one moment: a core file, or a live process whose
 * memory was copied while it was stopped.  Both become the same thing, a sorted array of
 * segments over one mapped file, and nobody above can tell them apart.
 *
 * Where an address is looked up: the dumped bytes; else the file that backs the mapping
 * (under the sysroot, build-ids compared); else zeros for bss past p_filesz, exactly up to
 * p_vaddr + p_memsz.  Everything else is a miss.
 *
 * Refuses to know: what an interpreter, an object or a heap is.
 *
 * Errors: opening reports a sentence; reading only hits or misses.  Damage found while
 * opening is recorded as anomalies of stage "core".
 */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include "base/anomaly.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/types.h"
#include "core/binary.h"

struct image;

struct image_options {
	const char *executable; /* --exe: overrides the main executable's path; or NULL */
	const char *sysroot;    /* prefix for the process's paths; or NULL */
	bool partial;           /* go on with a truncated core */
	/* Where files are looked for by name that are not where they were; NULL-terminated; or NULL. */
	const char *const *library_dirs;
	/*
	 * Of a live process that its debugger has stopped: the file with the registers (see
	 * core/process_held.h) and, or 0, a descriptor of /proc/PID/mem that it opened.
	 */
	const char *registers;
	uint32_t memory_fd;
	struct anomalies *anomalies; /* required; outlives the image */
	/*
	 * Opens a detached file with the symbols of a binary that is gone or was rebuilt; `root`
	 * is where the process's files are.  The image closes it.  May be NULL, and return NULL.
	 */
	struct binary *(*find_detached)(const void *context, const struct build_id *id,
					const char *root);
	const void *context; /* of find_detached */
};

/* A range of the address space: one row of `mappings`. */
struct image_mapping {
	struct address_range range;
	uint64_t file_offset; /* bytes into path */
	const char *path;     /* as the process saw it; "" if anonymous or unknown */
	uint64_t dumped;      /* bytes of the range that the core itself holds */
	bool readable, writable, executable;
};

/* A PT_LOAD that has bytes in the core: what a scan of "all dumped memory" walks. */
struct image_segment {
	addr_t start;
	uint64_t size;        /* dumped bytes */
	const uint8_t *bytes; /* [size], mapped; lives as long as the image */
	bool writable, executable;
};

/* The general registers of x86-64, in the order of struct user_regs_struct. */
enum {
	REGISTER_R15,
	REGISTER_R14,
	REGISTER_R13,
	REGISTER_R12,
	REGISTER_RBP,
	REGISTER_RBX,
	REGISTER_R11,
	REGISTER_R10,
	REGISTER_R9,
	REGISTER_R8,
	REGISTER_RAX,
	REGISTER_RCX,
	REGISTER_RDX,
	REGISTER_RSI,
	REGISTER_RDI,
	REGISTER_ORIG_RAX,
	REGISTER_RIP,
	REGISTER_CS,
	REGISTER_EFLAGS,
	REGISTER_RSP,
	REGISTER_SS,
	REGISTER_FS_BASE,
	REGISTER_GS_BASE,
	REGISTER_DS,
	REGISTER_ES,
	REGISTER_FS,
	REGISTER_GS,
	REGISTER_COUNT
};

struct image_thread {
	uint64_t registers[REGISTER_COUNT];
	uint32_t id;   /* the kernel's thread id */
	char name[32]; /* "" where unknown (cores keep only the process's) */
};

struct image_process {
	const char *source;       /* the core's path, or "pid N" */
	const char *executable;   /* path as the process saw it; "" if unknown */
	const char *command_line; /* "" if unknown; a core keeps the first 80 bytes */
	uint32_t pid;
	uint32_t signal;     /* that ended it; 0 if none */
	uint64_t stopped_ns; /* how long a live process was stopped for us; 0 for a core */
	const char *root;    /* the folder that it has for /; "": as this machine */
};

/* One file the process had mapped, once, however many mappings it has. */
struct image_file {
	const char *path;          /* as the process saw it */
	addr_t base;               /* where its first byte (file offset 0) is mapped */
	struct address_range span; /* all of it, bss included when the binary is known */
	/*
	 * NULL: not an ELF file, gone, or rebuilt (an anomaly says which).  In place of one that is
	 * gone or rebuilt, a detached file of the same build: symbols without bytes.
	 */
	struct binary *binary;
	enum {
		IMAGE_FILE_FOUND,
		IMAGE_FILE_GONE,
		IMAGE_FILE_REBUILT,
		IMAGE_FILE_NOT_ELF
	} state;
	struct build_id
		build_id; /* as the core's own first page has it; size 0 if not dumped */
};

/*
 * NULL and a sentence: not a core, not x86-64, truncated (unless options->partial), or the
 * main executable is gone or was rebuilt (unless options->partial).
 */
struct image *image_open_core(const char *path, const struct image_options *options,
			      struct error *err);

/*
 * Stops every thread of the process, copies its memory to an unlinked file under $TMPDIR
 * (default /var/tmp, then /tmp), lets it go on, whatever happens in between.  With
 * options->registers all threads have to be stopped already, and stay so.
 * NULL and a sentence: no such process, not permitted, no room.
 */
struct image *image_open_process(uint32_t pid, const struct image_options *options,
				 struct error *err);

void image_close(struct image *image);
DEFINE_CLEANUP(struct image *, image_close)

/* True if all `size` bytes could be had; ret is undefined otherwise. */
bool image_read(const struct image *image, addr_t address, void *ret, size_t size);
bool image_read_u8(const struct image *image, addr_t address, uint8_t *ret);
bool image_read_u32(const struct image *image, addr_t address, uint32_t *ret);
bool image_read_u64(const struct image *image, addr_t address, uint64_t *ret);

/*
 * The bytes in place, when all of them lie in one stretch of one file: no copy.  NULL on a
 * miss, and where bytes come from two places (image_read then still works).  Not aligned.
 * This is the hot path: the last segment hit is tried first through *hint, which the caller
 * owns (one for each thread; start with 0).
 */
const uint8_t *image_view(const struct image *image, addr_t address, size_t size, size_t *hint);

/* A NUL-terminated string, cut at size-1 bytes.  False on a miss. */
bool image_read_string(const struct image *image, addr_t address, char *ret, size_t size);

const struct image_process *image_process(const struct image *image);
size_t image_mapping_count(const struct image *image);
const struct image_mapping *image_mapping(const struct image *image, size_t index);
/* The mapping with the address, or NULL. */
const struct image_mapping *image_mapping_at(const struct image *image, addr_t address);
size_t image_segment_count(const struct image *image);
const struct image_segment *image_segment(const struct image *image, size_t index);
/* The segment with the address, or NULL. */
const struct image_segment *image_segment_at(const struct image *image, addr_t address);
size_t image_thread_count(const struct image *image);
const struct image_thread *image_thread(const struct image *image, size_t index);
size_t image_file_count(const struct image *image);
const struct image_file *image_file(const struct image *image, size_t index);
/* The file whose span has the address, or NULL. */
const struct image_file *image_file_at(const struct image *image, addr_t address);
/* An AT_* value of the auxiliary vector. */
bool image_auxiliary(const struct image *image, uint64_t type, uint64_t *ret);
/* All bytes the dump holds: what `accounting` must sum to. */
uint64_t image_dumped_bytes(const struct image *image);

#endif
