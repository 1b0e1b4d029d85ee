SELECT b.id, b.state, b.size, printf('0x%x', b.address) AS address, b.kind, b.allocator,
	nullif(:address - b.address, 0) AS offset, printf('0x%x', :address) AS asked,
	CASE WHEN o.id IS NOT NULL THEN printf('0x%x', o.address) END AS owner, t.name AS owner_type
FROM blocks b
LEFT JOIN objects o ON o.id = b.owner_id
LEFT JOIN types t ON t.id = o.type_id
WHERE b.id = :block AND :object = 0;
