-- Which single objects are the largest, and why are they alive?
SELECT addr(o.address) AS address, t.name AS type, human(o.size + o.owned_size) AS size,
	path(o.id) AS path
FROM (SELECT * FROM objects ORDER BY size + owned_size DESC LIMIT 20) o
JOIN types t ON t.id = o.type_id
ORDER BY o.size + o.owned_size DESC;
