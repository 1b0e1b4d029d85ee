-- Objects that are only in the newest snapshot, those that retain most first; replaces: the type
-- of what had the address.
SELECT o.*, path(o.id) AS path
FROM (
	SELECT o.id, printf('0x%x', o.address) AS address, t.name AS type, o.size + o.owned_size AS bytes,
		o.retained_size AS retained_bytes, o.state, r.name AS replaces, o.value
	FROM temp.born b
	CROSS JOIN main.objects o ON o.id = b.id
	JOIN main.types t ON t.id = o.type_id
	LEFT JOIN old.objects d ON d.id = b.died_id
	LEFT JOIN old.types r ON r.id = d.type_id
	ORDER BY coalesce(o.retained_size, o.size + o.owned_size) DESC, o.id
	LIMIT :top
) o
ORDER BY coalesce(o.retained_bytes, o.bytes) DESC, o.id;
