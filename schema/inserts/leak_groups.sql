INSERT INTO leak_groups (id, kind, grade, fingerprint, type, holder, evidence, leaks, objects, bytes,
	largest_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
