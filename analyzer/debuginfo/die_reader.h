/*
 * Walks all DIEs of a file with libdwarf into a die tree.
 *
 * Refuses to know: what the DIEs are good for.
 */
#ifndef DEBUGINFO_DIE_READER_H
#define DEBUGINFO_DIE_READER_H

#include "base/anomaly.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "debuginfo/die_tree.h"

struct die_reader;

/* NULL and a sentence when libdwarf finds no DWARF in the file. */
struct die_reader *die_reader_open(const char *path, struct error *err);
void die_reader_close(struct die_reader *reader);
DEFINE_CLEANUP(struct die_reader *, die_reader_close)

/*
 * Reads all units.  A unit that cannot be read is an anomaly, and counted in the tree.  Names
 * in the tree live as long as the reader.  False only when out of memory.
 *
 * Above 64 MiB of DWARF the units of other languages than C are left out: they are what
 * makes a file that big, and nothing asks about them.
 */
bool die_reader_read(struct die_reader *reader, struct anomalies *anomalies,
		     struct die_tree *ret, struct error *err);

#endif
