-- The last step of an object's path.
SELECT p.parent_id, p.jump_id, p.depth, p.ordinal, l.name, l.expression, t.name AS key_type,
	k.value AS key_value
FROM paths p
LEFT JOIN labels l ON l.id = p.label_id
LEFT JOIN objects k ON k.id = p.key_id
LEFT JOIN types t ON t.id = k.type_id
WHERE p.object_id = :object;
