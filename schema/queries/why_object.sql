SELECT t.name AS type, printf('0x%x', o.address) AS address, o.value, o.state,
	CASE WHEN o.immortal THEN 'yes' END AS immortal, o.retained_size
FROM objects o
JOIN types t ON t.id = o.type_id
WHERE o.id = :object;
