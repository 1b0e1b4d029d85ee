/*
 * Where the DWARF of a binary is: in itself, in a `.build-id` folder, or in the file that its
 * `.gnu_debuglink` names.  A file counts only if its build-id, or else its checksum, says
 * that it belongs to the binary.
 *
 * Refuses to know: what is in the DWARF.
 */
#ifndef DEBUGINFO_DEBUG_FILE_H
#define DEBUGINFO_DEBUG_FILE_H

#include "core/binary.h"
#include "debuginfo/debug_info.h"

/*
 * True if the file is found; *ret is then the detached file, opened, for the caller to close,
 * or NULL if the binary has its DWARF itself.
 */
bool debug_file_find(const struct binary *binary, const struct debug_options *options,
		     struct binary **ret, struct error *err);

/*
 * The detached file of a binary that is not there, opened as binary_open_detached does; NULL
 * if there is none.
 */
struct binary *debug_file_by_build_id(const struct build_id *id,
				      const struct debug_options *options);

#endif
