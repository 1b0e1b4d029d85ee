/*
 * Flat records kept in a file by build-id: `DIR/BUILDID.debuginfo`.
 *
 *	OFFSET SIZE MEANING
 *	     0    8 magic: "heapsdi" and 0
 *	     8    4 format version
 *	    12    4 number of arrays
 *	    16    8 checksum of all that follows
 *	    24   16 of each array: bytes of one record, number of records
 *	     …      the arrays in the order of FLAT_ARRAYS, each padded to 8 bytes
 *
 * All in this machine's byte order: the file is no interchange format.  It is read into
 * memory and not mapped, because a mapped file that somebody shortens ends the program.
 *
 * Refuses to know: what the records mean.
 */
#ifndef DEBUGINFO_DEBUG_CACHE_H
#define DEBUGINFO_DEBUG_CACHE_H

#include "core/binary.h"
#include "debuginfo/flat.h"

/*
 * False, and nothing in ret, if there is no such file or anything at all is wrong with it.
 * What was read is valid in the sense of flat_is_valid().
 */
bool debug_cache_read(const char *dir, const struct build_id *id, struct flat *ret);

/*
 * Written beside its name and renamed, so that nobody sees half of it.  The folder is made
 * if need be.  False if that did not work; the cache is a convenience, so nobody minds.
 */
bool debug_cache_write(const char *dir, const struct build_id *id, const struct flat *flat);

#endif
