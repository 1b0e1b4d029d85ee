INSERT INTO cycle_patterns (id, state, kind, pattern, fingerprint, cycles, objects, bytes, finalizers,
	example_id, type, type_objects, held_objects, held_bytes, edge_id, owner_id, owner_cycles, advice)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
