-- What do the local variables of running functions retain?
-- Up to 3.10 a frame is an object, and its variables are references of that.
WITH variables AS (
	SELECT r.frame_id, r.label, r.object_id
	FROM roots r
	WHERE r.frame_id IS NOT NULL
	UNION
	SELECT f.id, l.name, r.target_id
	FROM frames f
	JOIN objects o ON o.address = f.address
	JOIN refs r ON r.source_id = o.id
	JOIN labels l ON l.id = r.label_id
)
SELECT f.thread_id AS thread, f.function, f.line, substr(v.label, 7) AS variable, t.name AS type,
	human(o.retained_size) AS retained
FROM variables v
JOIN frames f ON f.id = v.frame_id
JOIN objects o ON o.id = v.object_id
JOIN types t ON t.id = o.type_id
WHERE v.label LIKE 'local %'
ORDER BY o.retained_size DESC
LIMIT 20;
