-- Arenas with little in them, and who has most of that; pins are in their order.
WITH pinned AS (
	SELECT arena_id, count(*) AS pins, sum(size) AS bytes, min(rowid) AS first
	FROM pins
	GROUP BY arena_id
	ORDER BY first
	LIMIT :top
)
SELECT a.id, a.allocator, printf('0x%x', a.address) AS address, a.size, a.used, p.pins,
	p.bytes AS pin_bytes, CASE WHEN a.pools > 0 THEN a.pools END AS pools,
	CASE WHEN a.pools > 0 THEN a.pools - a.free_pools END AS used_pools,
	(SELECT r.path
		FROM pins q
		JOIN releases r ON r.id = q.release_id
		WHERE q.arena_id = a.id
		GROUP BY r.id
		ORDER BY count(*) DESC, r.id
		LIMIT 1) AS holder
FROM pinned p
JOIN arenas a ON a.id = p.arena_id
ORDER BY p.first;
