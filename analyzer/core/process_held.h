/*
 * A process that its debugger has stopped, and holds: nobody else may attach to it, but its
 * memory can be read, and the debugger hands over what only a tracer may see.
 *
 * The registers are text, a line a thread, in any order and with any other names among them:
 *
 *	TID rip=0x7f1200c0ffee rsp=0x7ffd00000010 fs_base=0x7f1200000740
 */
#ifndef CORE_PROCESS_HELD_H
#define CORE_PROCESS_HELD_H

#include "core/image_parts.h"

/*
 * Fills the image's threads.  False and a sentence: the file is not like that, is of other
 * threads than the process has, or a thread is not stopped by a debugger.
 */
bool process_read_held(struct image *image, uint32_t pid, const char *registers,
		       struct error *err);

/* False and a sentence if a thread runs: what was read meanwhile is of no one moment. */
bool process_check_held(uint32_t pid, struct error *err);

/* False and a sentence if its memory may not be read. */
bool process_check_readable(uint32_t pid, struct error *err);

#endif
