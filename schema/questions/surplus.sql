-- Which objects are held by references that nobody owns?
-- Mostly C code forgot to give a reference back. An example is shown with its path: what else
-- keeps it alive.
SELECT t.name AS type, o.surplus, count(*) AS objects, addr(min(o.address)) AS example,
	path(min(o.id)) AS path
FROM objects o
JOIN types t ON t.id = o.type_id
WHERE o.surplus > 0
GROUP BY t.id, o.surplus
ORDER BY count(*) DESC;
