INSERT INTO cycle_edges (id, pattern_id, edge, refs, cycles, objects, bytes, direction, chosen)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);
