-- Leaks by fingerprint: what became more, or less.
SELECT t.kind, g.old_objects = 0 AS is_new,
	g.new_objects - g.old_objects AS objects, g.new_bytes - g.old_bytes AS bytes,
	g.old_objects, g.new_objects, g.old_bytes, g.new_bytes,
	g.key AS fingerprint, t.text AS explanation,
	(
		SELECT group_concat(coalesce(s.objects, 0), ' → ')
		FROM temp.snapshots n
		LEFT JOIN temp.series s ON s.subject = g.subject AND s.key = g.key AND s.n = n.n
	) AS objects_series, (
		SELECT group_concat(coalesce(s.bytes, 0), ' → ')
		FROM temp.snapshots n
		LEFT JOIN temp.series s ON s.subject = g.subject AND s.key = g.key AND s.n = n.n
	) AS bytes_series
FROM temp.growth g
JOIN temp.things t ON t.subject = g.subject AND t.key = g.key
WHERE g.subject = 'leak' AND g.shown
ORDER BY bytes DESC, objects DESC, g.key
LIMIT :top;
