-- Who holds what pins arenas, and what would go back without it: those of whom something would, with
-- what they add to the ones before, and those who help to hold a large part of all arenas.
WITH holders AS (
	SELECT r.*, together - lag(together, 1, 0) OVER (ORDER BY id) AS added
	FROM releases r
	WHERE kind IN ('holder', 'pins')
)
SELECT h.id, h.kind, h.type, h.typed, CASE WHEN h.typed * 2 >= h.pins THEN h.type END AS mostly, h.pins, h.pin_bytes AS bytes, h.arenas, h.arena_bytes,
	h.returned, h.returned_arenas, h.added, h.together,
	(SELECT printf('0x%x', coalesce(o.address, b.address))
		FROM pins p
		LEFT JOIN objects o ON o.id = p.object_id
		LEFT JOIN blocks b ON b.id = p.block_id
		WHERE p.release_id = h.id
		LIMIT 1) AS example,
	printf('0x%x', o.address) AS holder, t.name AS holder_type,
	coalesce(h.path, printf('%s at 0x%x', t.name, o.address)) AS path,
	h.path IS NOT NULL AS has_path
FROM holders h
LEFT JOIN objects o ON o.id = h.object_id
LEFT JOIN types t ON t.id = o.type_id
WHERE h.returned > 0 OR h.added > 0
	OR h.arena_bytes * 20 >= (SELECT sum(size) FROM arenas)
ORDER BY h.id
LIMIT :top;
