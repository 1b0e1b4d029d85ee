/*
 * Where objects hang: their paths, merged over keys and positions, so that a cache of 40,000
 * responses is one place, modules['app'].CACHE[*], in every dump of the program.
 */
#ifndef PIPELINE_PLACES_H
#define PIPELINE_PLACES_H

#include "pipeline/collect.h"
#include "store/snapshot.h"

/* Fills snapshot->places and place_of; from its graph, paths, label styles and values. */
bool places_find(const struct collection *collection, struct snapshot *snapshot,
		 struct error *err);

#endif
