-- Cycles by pattern and state: what became more, or less; objects: of the cycles.
SELECT t.kind AS state, g.new_objects - g.old_objects AS objects, g.new_bytes - g.old_bytes AS bytes,
	g.old_objects, g.new_objects, g.old_bytes, g.new_bytes,
	g.key AS fingerprint, t.text AS pattern,
	g.objects_series, g.bytes_series
FROM temp.growth g
JOIN temp.things t ON t.subject = g.subject AND t.key = g.key
WHERE g.subject = 'cycle' AND g.shown
ORDER BY bytes DESC, objects DESC, g.key
LIMIT :top;
