SELECT o.id, t.name AS type, printf('0x%x', o.address) AS address, o.size,
	nullif(o.owned_size, 0) AS owned_size, o.retained_size, o.refcount, o.found_refs, o.surplus,
	o.state, o.gc_generation, nullif(trim(
		CASE WHEN o.immortal THEN 'immortal ' ELSE '' END ||
		CASE WHEN o.static THEN 'static ' ELSE '' END ||
		CASE WHEN o.gc_tracked THEN '' ELSE 'not tracked' END), '') AS flags,
	o.distance, o.cycle_id, o.value, nullif(:address - o.address, 0) AS offset,
	printf('0x%x', :address) AS asked
FROM objects o
JOIN types t ON t.id = o.type_id
WHERE o.id = :object;
