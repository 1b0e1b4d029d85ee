-- Where a path begins: at a root, or at an object that no root leads to.
SELECT r.expression, o.state, t.name AS type, o.address
FROM objects o
JOIN types t ON t.id = o.type_id
LEFT JOIN paths p ON p.object_id = o.id
LEFT JOIN roots r ON r.id = p.root_id
WHERE o.id = :object;
