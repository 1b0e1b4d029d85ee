SELECT t.name, o.value
FROM objects o
JOIN types t ON t.id = o.type_id
WHERE o.id = :object;
