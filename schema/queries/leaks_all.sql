SELECT l.id, l.kind, l.grade, coalesce(t.name, coalesce(b.kind, b.allocator || ' block')
		|| CASE l.kind WHEN 'native' THEN ' of ' || b.size || ' bytes' ELSE '' END) AS type,
	printf('0x%x', coalesce(o.address, b.address)) AS address, l.objects, l.bytes,
	printf('%016x', l.fingerprint) AS fingerprint, l.explanation
FROM leaks l
LEFT JOIN objects o ON o.id = l.object_id
LEFT JOIN types t ON t.id = o.type_id
LEFT JOIN blocks b ON b.id = l.block_id
ORDER BY l.bytes DESC, l.id
LIMIT :top;
