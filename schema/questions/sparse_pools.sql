-- Which pools are under 10 % full, and who sits in them?
-- What sits there is an object, or a block that belongs to one.
WITH sparse AS (
	SELECT * FROM pools WHERE block_size > 0 AND used * 10 < capacity
), sitting AS (
	SELECT s.id AS pool_id, o.address, o.id AS object_id
	FROM sparse s
	JOIN objects o ON o.address BETWEEN s.address AND s.address + s.size - 1
	UNION ALL
	SELECT s.id, b.address, b.owner_id
	FROM sparse s
	JOIN blocks b ON b.address BETWEEN s.address AND s.address + s.size - 1
	WHERE b.state = 'used'
)
SELECT addr(s.address) AS pool, s.block_size, s.used, s.capacity, addr(i.address) AS address,
	t.name AS type, path(o.id) AS path
FROM sparse s
LEFT JOIN sitting i ON i.pool_id = s.id
LEFT JOIN objects o ON o.id = i.object_id
LEFT JOIN types t ON t.id = o.type_id
ORDER BY s.address, i.address;
