/*
 * Many objects of one type that only C code holds: by an array of C variables, or by words of
 * native memory.  The latter may be no references, so nothing is sure but that the objects are there.
 */
#ifndef PIPELINE_FINDINGS_C_HELD_H
#define PIPELINE_FINDINGS_C_HELD_H

#include "pipeline/findings/owners.h"

/* One finding for each type and variable; not of what owners->found has below it. */
bool c_held_find(struct findings *findings, const struct owners *owners, struct error *err);

#endif
