-- The largest types; with :pattern those that match, as they stand among all.  Retained: of the
-- objects that none of the same type dominates directly, so that a chain or a tree of one type
-- counts once.
SELECT type, objects, objects_percent, bytes, bytes_percent, cumulative_bytes, cumulative_percent,
	retained_bytes
FROM (
	SELECT t.id, t.name AS type, n.objects,
		100.0 * n.objects / sum(n.objects) OVER () AS objects_percent,
		n.bytes, 100.0 * n.bytes / sum(n.bytes) OVER () AS bytes_percent,
		sum(n.bytes) OVER running AS cumulative_bytes,
		100.0 * sum(n.bytes) OVER running / sum(n.bytes) OVER () AS cumulative_percent,
		n.retained_bytes
	FROM type_totals n
	JOIN types t ON t.id = n.type_id
	WINDOW running AS (ORDER BY n.bytes DESC, t.id ROWS UNBOUNDED PRECEDING)
)
WHERE :pattern IS NULL OR type REGEXP :pattern
ORDER BY bytes DESC, id
LIMIT :top;
