-- The largest types.  Retained: of the objects that none of the same type dominates directly,
-- so that a chain or a tree of one type counts once.
SELECT t.name AS type, n.objects, 100.0 * n.objects / sum(n.objects) OVER () AS objects_percent,
	n.bytes, 100.0 * n.bytes / sum(n.bytes) OVER () AS bytes_percent,
	sum(n.bytes) OVER running AS cumulative_bytes,
	100.0 * sum(n.bytes) OVER running / sum(n.bytes) OVER () AS cumulative_percent,
	n.retained_bytes
FROM type_totals n
JOIN types t ON t.id = n.type_id
WINDOW running AS (ORDER BY n.bytes DESC, t.id ROWS UNBOUNDED PRECEDING)
ORDER BY n.bytes DESC, t.id
LIMIT :top;
