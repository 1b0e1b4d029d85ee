/*
 * From places to sites: numbers in the order of their texts, which no address decides.
 */
#ifndef PIPELINE_CYCLE_SITES_H
#define PIPELINE_CYCLE_SITES_H

#include "pipeline/cycles/cycle_map.h"

/*
 * map->steps and map->site_of have places for sites; makes them sites, sorts the steps of
 * each node by them, and fills the columns of sites.  Texts live in the arena.  False when
 * out of memory.
 */
bool cycle_sites_number(const struct cycle_places *places, uint32_t reference_count,
			struct arena *arena, struct cycle_map *map);

#endif
