-- Blocks in use by kind, most bytes first; the evidence and the address of one of them.
SELECT k.kind, k.confidence, k.allocator, k.blocks, k.bytes, printf('0x%x', b.address) AS example,
	l.name AS evidence, t.name AS owner_type
FROM (
	SELECT kind, confidence, allocator, sum(blocks) AS blocks, sum(bytes) AS bytes,
		min(example_id) AS first
	FROM block_totals
	WHERE state = 'used' AND kind IS NOT NULL
	GROUP BY kind, confidence, allocator
) k
JOIN blocks b ON b.id = k.first
LEFT JOIN labels l ON l.id = b.evidence_id
LEFT JOIN objects o ON o.id = b.owner_id
LEFT JOIN types t ON t.id = o.type_id
ORDER BY k.bytes DESC, k.kind, k.confidence, k.allocator
LIMIT :top;
