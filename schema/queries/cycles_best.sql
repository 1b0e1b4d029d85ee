-- The one reference that would have freed most of all garbage; worth a line where there are several
-- patterns of it.
SELECT e.edge, e.refs, e.cycles, e.objects, e.bytes, g.objects AS garbage_objects,
	g.bytes AS garbage_bytes
FROM cycle_edges e
JOIN (
	SELECT sum(held_objects) AS objects, sum(held_bytes) AS bytes, count(*) AS patterns
	FROM cycle_patterns
	WHERE state = 'garbage'
) g ON g.patterns > 1
WHERE e.pattern_id IS NULL AND e.chosen = 1;
