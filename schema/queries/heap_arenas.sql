-- Arenas of the C library, and the blocks that have a mapping of their own, a page at least, as a
-- last row.
WITH allocator(name) AS (
	SELECT DISTINCT allocator FROM arenas WHERE pools = 0
), mapped AS (
	SELECT b.allocator, count(*) AS blocks, sum(b.size) AS bytes
	FROM blocks b
	JOIN allocator n ON n.name = b.allocator
	WHERE b.state = 'used' AND b.size >= 4080 AND NOT EXISTS (
		SELECT 1 FROM arenas a
		WHERE a.allocator = b.allocator AND b.address >= a.address
			AND b.address < a.address + a.size)
	GROUP BY b.allocator
)
SELECT allocator, address, bytes, used, free, cached, top
FROM (
	SELECT a.allocator, printf('0x%x', a.address) AS address, a.size AS bytes, a.used,
		a.free - a.cached - a.top AS free, a.cached, a.top, a.size AS weight
	FROM arenas a
	JOIN allocator n ON n.name = a.allocator
	UNION ALL
	SELECT allocator, blocks || CASE blocks WHEN 1 THEN ' mapping of its own'
		ELSE ' mappings of their own' END, bytes, bytes, NULL, NULL, NULL, -1
	FROM mapped
)
ORDER BY weight DESC, address
LIMIT :top;
