-- Who holds the most strings?
-- Weak and borrowed references hold nothing.
WITH held AS (
	SELECT r.source_id, count(*) AS strings, sum(s.size) AS bytes
	FROM types t
	JOIN objects s ON s.type_id = t.id
	JOIN refs r ON r.target_id = s.id
	JOIN ref_kinds k ON k.kind = r.kind
	WHERE t.name = 'builtins.str' AND k.counted
	GROUP BY r.source_id
	ORDER BY strings DESC
	LIMIT 20
)
SELECT path(h.source_id) AS holder, t.name AS type, h.strings, human(h.bytes) AS size
FROM held h
JOIN objects o ON o.id = h.source_id
JOIN types t ON t.id = o.type_id
ORDER BY h.strings DESC;
