-- Leaks by kind, grade and type, native ones by size and first words; the example is the largest.
SELECT l.kind, l.grade, coalesce(t.name, coalesce(b.kind, b.allocator || ' block')
		|| CASE l.kind WHEN 'native' THEN ' of ' || b.size || ' bytes' ELSE '' END) AS type,
	count(*) AS leaks, sum(l.objects) AS objects, sum(l.bytes) AS bytes,
	printf('0x%x', coalesce(o.address, b.address)) AS example, l.explanation,
	max(l.bytes) AS largest_bytes
FROM leaks l
LEFT JOIN objects o ON o.id = l.object_id
LEFT JOIN types t ON t.id = o.type_id
LEFT JOIN blocks b ON b.id = l.block_id
GROUP BY l.kind, l.grade, coalesce(t.name, b.kind, b.allocator || ' block'),
	CASE l.kind WHEN 'native' THEN l.fingerprint END
ORDER BY sum(l.bytes) DESC, l.kind, l.grade
LIMIT :top;
