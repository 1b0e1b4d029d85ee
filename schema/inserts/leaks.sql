INSERT INTO leaks (id, kind, grade, object_id, block_id, objects, bytes, fingerprint,
	explanation, words, group_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
