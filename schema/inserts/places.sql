INSERT INTO places (id, parent_id, type_id, path, objects, bytes, total_objects, total_bytes,
	example_id, fingerprint, checksum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
