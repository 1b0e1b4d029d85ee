SELECT o.id, o.size + o.owned_size
FROM types t
JOIN objects o ON o.type_id = t.id
WHERE t.name = :type;
