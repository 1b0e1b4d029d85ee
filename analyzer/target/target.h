/*
 * One process put together: its image, its modules with their symbols and debug info, and
 * the layouts that were found for it.
 *
 * Refuses to know: what the layouts are used for.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include "base/anomaly.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "core/image.h"
#include "debuginfo/debug_info.h"

struct target;

/* A loaded ELF file.  Link-time addresses become the process's by adding bias. */
struct module {
	const struct image_file *file;
	const struct binary *binary; /* never NULL; detached where the file is gone: no bytes */
	addr_t bias;
	struct debug_info *debug;  /* NULL until asked for, and where there is none */
	const char *debug_message; /* why there is none; NULL if not tried or found */
	bool debug_tried;
};

struct target_options {
	struct debug_options debug;
	struct anomalies *anomalies;
};

/* Takes the image over: it is closed with the target. */
struct target *target_attach(struct image *image, const struct target_options *options,
			     struct error *err);
void target_detach(struct target *target);
DEFINE_CLEANUP(struct target *, target_detach)

const struct image *target_image(const struct target *target);
struct anomalies *target_anomalies(const struct target *target);

size_t target_module_count(const struct target *target);
struct module *target_module(const struct target *target, size_t index);
struct module *target_module_at(const struct target *target, addr_t address);

/* Reads the module's debug info if that was not tried yet; NULL if there is none. */
struct debug_info *module_debug(struct target *target, struct module *module);
/* That of the module at the address; NULL if there is no module or no debug info. */
struct debug_info *target_debug_at(struct target *target, addr_t address);
/* The function whose code has the address, and its debug info; NULL if none is known. */
const struct debug_function *target_function_at(struct target *target, addr_t address,
						struct debug_info **ret_debug);

/* A symbol's or a DWARF variable's or function's address in the process. */
bool module_symbol(struct target *target, struct module *module, const char *name, addr_t *ret);
/* In any module, in load order. */
bool target_symbol(struct target *target, const char *name, addr_t *ret);

/* The symbol whose address the loader puts into the word at `slot`; NULL: none. */
const char *target_slot_symbol(struct target *target, addr_t slot);

/*
 * Where a call through the word at `slot`, which holds *function, really leads: a slot of a linkage
 * table that was not called through yet still holds an address of its own module, and its symbol
 * tells what the loader would find.  False: that cannot be told (an ifunc, several definitions).
 */
bool target_resolve_call(struct target *target, addr_t slot, addr_t *function);

/* The module's binary that has the most symbols: the detached debug file's, if it was read. */
const struct binary *module_symbols(const struct module *module);
/* The symbol whose range has the address; of no other module.  Its address is the process's. */
bool module_symbol_at(const struct module *module, addr_t address, struct binary_symbol *ret);
/* "libc.so.6": the last part of the module's path. */
const char *module_name(const struct module *module);

/*
 * What a word of the module's data held when the module had been loaded and relocated and
 * nothing had run yet.  False outside the file's own bytes (bss starts as 0: true, 0), and
 * where the file is gone.
 */
bool module_initial_word(struct target *target, struct module *module, addr_t address,
			 uint64_t *ret);

#endif
