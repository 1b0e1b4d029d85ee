-- Blocks in use that nothing explains, by what holds them, their first word and their size.
SELECT h.name AS holder, w.name AS first_word, u.size, u.allocator, u.blocks, u.bytes,
	printf('0x%x', b.address) AS example
FROM (
	SELECT holder_id, first_word_id, size, allocator, sum(blocks) AS blocks, sum(bytes) AS bytes,
		min(example_id) AS first
	FROM block_totals
	WHERE state = 'used' AND kind IS NULL
	GROUP BY holder_id, first_word_id, size, allocator
) u
JOIN blocks b ON b.id = u.first
LEFT JOIN labels h ON h.id = u.holder_id
LEFT JOIN labels w ON w.id = u.first_word_id
ORDER BY u.bytes DESC, u.blocks DESC, b.id
LIMIT :top;
