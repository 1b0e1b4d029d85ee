INSERT INTO releases (id, kind, object_id, fingerprint, type, typed, path, pins, pin_bytes, arenas,
	arena_bytes, blocks, bytes, returned_arenas, returned, together)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
