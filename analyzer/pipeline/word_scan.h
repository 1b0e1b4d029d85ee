/*
 * Every word of a dump that has one address: of all memory in it, understood or not, and of
 * the registers.  What the words are, the snapshot tells.
 *
 * A word counts whatever its lowest three bits are: some of CPython's references are tagged.
 */
#ifndef PIPELINE_WORD_SCAN_H
#define PIPELINE_WORD_SCAN_H

#include "base/error.h"
#include "base/types.h"
#include "base/vector.h"

/* What the snapshot says of the core it was made of. */
struct scanned_core {
	const char *path;     /* absolute */
	const char *snapshot; /* the core may have been moved along with it */
	const char *executable;
	uint32_t pid;
	uint64_t file_bytes, dumped_bytes;
};

struct word_hit {
	addr_t address;            /* of the word; 0: it is a register's */
	uint64_t into;             /* bytes from the start of the range, tag included */
	uint32_t thread;           /* the kernel's id; of a register */
	const char *register_name; /* NULL: it is in memory */
};

#define MOST_HITS 1000u /* kept */

struct word_scan {
	VECTOR_OF(struct word_hit) hits; /* registers first, then memory, ascending */
	uint64_t words;                  /* that there are */
	uint64_t bytes;                  /* that were looked at */
};

/*
 * Words with an address in the range.  False and a sentence: the core is gone, or is not the one
 * that the snapshot was made of.
 */
bool word_scan(const struct scanned_core *core, struct address_range range,
	       struct word_scan *ret, struct error *err);
void word_scan_release(struct word_scan *scan);

#endif
