SELECT o.id, t.name AS type, printf('0x%x', o.address) AS address, o.size,
	nullif(o.owned_size, 0) AS owned_size, o.retained_size, o.refcount, o.found_refs, o.surplus,
	o.state, o.gc_generation, nullif(trim(
		CASE WHEN o.immortal THEN 'immortal ' ELSE '' END ||
		CASE WHEN o.static THEN 'static ' ELSE '' END ||
		CASE WHEN o.gc_tracked THEN '' ELSE 'not tracked' END), '') AS flags,
	o.distance, o.cycle_id, o.value, nullif(:address - o.address, 0) AS offset,
	printf('0x%x', :address) AS asked, CASE WHEN :address > o.address THEN (
		SELECT m.name || CASE WHEN m.count = 1 OR m.size = 0 THEN ''
			ELSE '[' || ((:address - o.address - m.offset) / m.size) || ']' END
		FROM structs s
		JOIN members m ON m.struct_id = s.id
		WHERE s.name = t.struct AND m.offset <= :address - o.address
			AND (m.count = 0 OR :address - o.address < m.offset + m.size * m.count)
		ORDER BY m.offset DESC
		LIMIT 1) END AS field
FROM objects o
JOIN types t ON t.id = o.type_id
WHERE o.id = :object;
