/*
 * The symbols that a snapshot keeps, so that it alone can say what an address is.
 */
#ifndef PIPELINE_SYMBOLS_H
#define PIPELINE_SYMBOLS_H

#include "store/snapshot.h"
#include "target/target.h"

/*
 * Fills snapshot->symbols: all variables in writable data, and the functions of modules that
 * have at most as many as a large interpreter: a library of 100,000 would cost more than it
 * tells, and keeps its variables only.
 */
bool symbols_fill(struct target *target, struct snapshot *snapshot, struct error *err);

#endif
