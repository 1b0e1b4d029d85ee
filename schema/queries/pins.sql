-- What keeps arenas from being returned, by type; arena_bytes: of the arenas it helps to keep.
WITH pinned AS (
	SELECT p.arena_id, p.size, p.path, o.address AS object_address, b.address AS block_address,
		coalesce(t.name, b.kind, b.allocator || ' block') AS type
	FROM pins p
	LEFT JOIN objects o ON o.id = p.object_id
	LEFT JOIN types t ON t.id = o.type_id
	LEFT JOIN blocks b ON b.id = p.block_id
), kept AS (
	SELECT d.type, sum(a.size) AS bytes, count(*) AS arenas
	FROM (SELECT DISTINCT type, arena_id FROM pinned) d
	JOIN arenas a ON a.id = d.arena_id
	GROUP BY d.type
)
SELECT p.type, count(*) AS pins, sum(p.size) AS bytes, k.arenas, k.bytes AS arena_bytes,
	printf('0x%x', coalesce(p.object_address, p.block_address)) AS example, p.path,
	max(p.path IS NOT NULL) AS has_path
FROM pinned p
LEFT JOIN kept k ON k.type IS p.type
GROUP BY p.type
ORDER BY k.bytes DESC, pins DESC
LIMIT :top;
