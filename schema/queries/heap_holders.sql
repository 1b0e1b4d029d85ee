-- The same by what holds them alone.
SELECT h.name AS holder, count(*) AS blocks, sum(b.size) AS bytes
FROM blocks b
LEFT JOIN labels h ON h.id = b.holder_id
WHERE b.state = 'used' AND b.kind IS NULL
GROUP BY b.holder_id
ORDER BY sum(b.size) DESC, h.name
LIMIT :top;
