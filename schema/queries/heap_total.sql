-- Blocks in use outside of objects: how many have an owner, a kind or a C type.
SELECT coalesce(sum(blocks), 0) AS blocks, coalesce(sum(bytes), 0) AS bytes,
	coalesce(sum(blocks) FILTER (WHERE kind IS NOT NULL), 0) AS known,
	coalesce(sum(bytes) FILTER (WHERE kind IS NOT NULL), 0) AS known_bytes,
	coalesce(sum(blocks) FILTER (WHERE kind IS NULL), 0) AS unknown,
	coalesce(sum(bytes) FILTER (WHERE kind IS NULL), 0) AS unknown_bytes
FROM block_totals
WHERE state = 'used';
