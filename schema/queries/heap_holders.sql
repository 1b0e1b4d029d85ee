-- The same by what holds them alone.
SELECT h.name AS holder, sum(b.blocks) AS blocks, sum(b.bytes) AS bytes
FROM block_totals b
LEFT JOIN labels h ON h.id = b.holder_id
WHERE b.state = 'used' AND b.kind IS NULL
GROUP BY b.holder_id
ORDER BY sum(b.bytes) DESC, h.name
LIMIT :top;
