/*
 * Which rows of a snapshot go into which table.  Only for files of store/.
 *
 * How to add a table: the table in schema/tables.sql, its statement in schema/inserts/, a
 * function here, and a line in writer.c.
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "store/insert.h"

typedef bool rows_fn(struct insert *insert, const struct snapshot *snapshot, struct error *err);

rows_fn rows_meta, rows_mappings, rows_accounting, rows_threads, rows_frames, rows_c_frames,
	rows_types, rows_type_totals, rows_places, rows_fingerprints, rows_block_totals,
	rows_labels, rows_objects, rows_refs, rows_roots, rows_blocks, rows_arenas, rows_pools,
	rows_symbols, rows_structs, rows_members, rows_pins, rows_releases, rows_cycles,
	rows_cycle_members, rows_cycle_patterns, rows_cycle_edges, rows_leak_groups, rows_leaks,
	rows_collectors, rows_generations, rows_tracked_types, rows_waste, rows_findings,
	rows_anomalies, rows_paths;

/* "used", "free", "cached" */
const char *block_state_name(enum block_state state);

/* A row of `meta` of its own. */
bool row_meta(struct insert *insert, const char *key, const char *value, struct error *err);

#endif
