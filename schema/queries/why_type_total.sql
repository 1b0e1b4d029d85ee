SELECT :type AS type, count(*) AS objects, coalesce(sum(o.size + o.owned_size), 0) AS bytes
FROM types t
JOIN objects o ON o.type_id = t.id
WHERE t.name = :type;
