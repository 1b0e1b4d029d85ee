-- The largest types; with :pattern those that match, as they stand among all.  Retained: of the objects that none of the same type dominates directly,
-- so that a chain or a tree of one type counts once.
WITH own AS (
	SELECT type_id, count(*) AS objects, sum(size + owned_size) AS bytes
	FROM objects
	GROUP BY type_id
), retained AS (
	SELECT o.type_id, sum(o.retained_size) AS bytes
	FROM objects o
	LEFT JOIN objects d ON d.id = o.dominator_id
	WHERE o.retained_size IS NOT NULL AND o.type_id IS NOT d.type_id
	GROUP BY o.type_id
)
SELECT type, objects, objects_percent, bytes, bytes_percent, cumulative_bytes, cumulative_percent,
	retained_bytes
FROM (
	SELECT t.id, t.name AS type, own.objects, 100.0 * own.objects / sum(own.objects) OVER () AS objects_percent,
		own.bytes, 100.0 * own.bytes / sum(own.bytes) OVER () AS bytes_percent,
		sum(own.bytes) OVER running AS cumulative_bytes,
		100.0 * sum(own.bytes) OVER running / sum(own.bytes) OVER () AS cumulative_percent,
		retained.bytes AS retained_bytes
	FROM own
	JOIN types t ON t.id = own.type_id
	LEFT JOIN retained ON retained.type_id = own.type_id
	WINDOW running AS (ORDER BY own.bytes DESC, t.id ROWS UNBOUNDED PRECEDING)
)
WHERE :pattern IS NULL OR type REGEXP :pattern
ORDER BY bytes DESC, id
LIMIT :top;
