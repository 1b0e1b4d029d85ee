-- Objects that are only in the oldest snapshot, those that retained most first.
SELECT o.id, printf('0x%x', o.address) AS address, t.name AS type, o.size + o.owned_size AS bytes,
	o.retained_size AS retained_bytes, o.state, r.name AS replaced_by, o.value,
	p.path AS place
FROM temp.died d
CROSS JOIN old.objects o ON o.id = d.id
JOIN old.types t ON t.id = o.type_id
LEFT JOIN old.places p ON p.id = o.place_id
LEFT JOIN main.objects n ON n.id = d.born_id
LEFT JOIN main.types r ON r.id = n.type_id
ORDER BY coalesce(o.retained_size, o.size + o.owned_size) DESC, o.id
LIMIT :top;
