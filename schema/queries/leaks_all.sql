SELECT l.id, l.kind, l.grade, CASE WHEN :known IS NULL THEN NULL
		WHEN g.id IN (SELECT value FROM json_each(:known)) THEN 'KNOWN' ELSE 'NEW' END AS known,
	coalesce(t.name, g.type) AS type, printf('0x%x', coalesce(o.address, b.address)) AS address,
	l.objects, l.bytes, g.holder, printf('%016x', l.fingerprint) AS fingerprint,
	l.explanation || coalesce('; ' || g.holder || ': ' || g.evidence, '') AS explanation
FROM leaks l
LEFT JOIN leak_groups g ON g.id = l.group_id
LEFT JOIN objects o ON o.id = l.object_id
LEFT JOIN types t ON t.id = o.type_id
LEFT JOIN blocks b ON b.id = l.block_id
ORDER BY l.bytes DESC, l.id
LIMIT :top;
