-- Blocks in use outside of objects: how many have an owner, a kind or a C type.
SELECT count(*) AS blocks, coalesce(sum(size), 0) AS bytes,
	count(kind) AS known, coalesce(sum(size) FILTER (WHERE kind IS NOT NULL), 0) AS known_bytes,
	count(*) - count(kind) AS unknown,
	coalesce(sum(size) FILTER (WHERE kind IS NULL), 0) AS unknown_bytes
FROM blocks
WHERE state = 'used';
