-- A block, and where in its C struct the address is.
SELECT b.id, b.state, b.size, printf('0x%x', b.address) AS address, b.kind, b.allocator,
	nullif(:address - b.address, 0) AS offset, printf('0x%x', :address) AS asked,
	CASE WHEN o.id IS NOT NULL THEN printf('0x%x', o.address) END AS owner, t.name AS owner_type,
	b.confidence, e.name AS evidence, h.name AS holder, w.name AS first_word,
	CASE WHEN s.size > 0 THEN
		CASE WHEN b.kind LIKE '%[]'
			THEN '[' || ((:address - b.address) / s.size) || '].' ELSE '' END || (
		SELECT m.name || CASE WHEN m.count = 1 OR m.size = 0 THEN ''
			ELSE '[' || (((:address - b.address) % s.size - m.offset) / m.size) || ']' END
		FROM members m
		WHERE m.struct_id = s.id AND m.offset <= (:address - b.address) % s.size
			AND (m.count = 0
				OR (:address - b.address) % s.size < m.offset + m.size * m.count)
		ORDER BY m.offset DESC
		LIMIT 1) END AS field
FROM blocks b
LEFT JOIN objects o ON o.id = b.owner_id
LEFT JOIN types t ON t.id = o.type_id
LEFT JOIN labels e ON e.id = b.evidence_id
LEFT JOIN labels h ON h.id = b.holder_id
LEFT JOIN labels w ON w.id = b.first_word_id
LEFT JOIN structs s ON b.confidence IS NOT NULL
	AND s.name = replace(replace(replace(b.kind, 'struct ', ''), 'union ', ''), '[]', '')
WHERE b.id = :block AND :object = 0;
