-- The places of the newest snapshot that are not as they were in the oldest, and those above them:
-- from the top down, past all whose checksums are equal.
CREATE TEMP TABLE place_change (
	id INTEGER PRIMARY KEY, parent_id INTEGER, fingerprint INTEGER, old INTEGER, new INTEGER,
	bytes INTEGER
);
INSERT INTO temp.place_change
WITH RECURSIVE walk(id, parent_id, fingerprint, old, new, bytes) AS (
	SELECT n.id, 0, n.fingerprint, coalesce(o.objects, 0), n.objects, n.bytes - coalesce(o.bytes, 0)
	FROM main.places n
	LEFT JOIN old.places o ON o.fingerprint = n.fingerprint
	WHERE n.parent_id IS NULL AND o.checksum IS NOT n.checksum
	UNION ALL
	SELECT n.id, n.parent_id, n.fingerprint, coalesce(o.objects, 0), n.objects,
		n.bytes - coalesce(o.bytes, 0)
	FROM walk w
	CROSS JOIN main.places n ON n.parent_id = w.id
	LEFT JOIN old.places o ON o.fingerprint = n.fingerprint
	WHERE o.checksum IS NOT n.checksum
)
SELECT * FROM walk;
CREATE INDEX temp.place_change_parent ON place_change(parent_id);
