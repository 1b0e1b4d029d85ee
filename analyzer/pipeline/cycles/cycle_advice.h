/*
 * What to do about cycles, in terms of the program.
 */
#ifndef PIPELINE_CYCLE_ADVICE_H
#define PIPELINE_CYCLE_ADVICE_H

#include "pipeline/cycles/cycle_map.h"

/* Fills the pattern's advice and remedy; `count` sites are to be given up, 0: none helps.  False
 * when out of memory. */
bool cycle_advice_write(struct arena *arena, const struct site *const *sites, uint32_t count,
			struct snapshot_cycle_pattern *pattern);

#endif
