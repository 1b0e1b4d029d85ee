-- Leaks by fingerprint: what became more, or less.
SELECT t.kind, g.old_objects = 0 AS is_new,
	g.new_objects - g.old_objects AS objects, g.new_bytes - g.old_bytes AS bytes,
	g.old_objects, g.new_objects, g.old_bytes, g.new_bytes,
	g.key AS fingerprint, t.text AS explanation,
	g.objects_series, g.bytes_series
FROM temp.growth g
JOIN temp.things t ON t.subject = g.subject AND t.key = g.key
WHERE g.subject = 'leak' AND g.shown
ORDER BY bytes DESC, objects DESC, g.key
LIMIT :top;
