/*
 * From a file with DWARF to flat records.
 */
#ifndef DEBUGINFO_DEBUG_READER_H
#define DEBUGINFO_DEBUG_READER_H

#include "base/anomaly.h"
#include "base/error.h"
#include "debuginfo/flat.h"

/* *ret_whole: every unit could be read.  The caller releases ret, also on failure. */
bool debug_reader_read(const char *path, struct anomalies *anomalies, struct flat *ret,
		       bool *ret_whole, struct error *err);

#endif
