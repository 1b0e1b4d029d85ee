-- Which types have the most bytes?
SELECT name, objects, human(bytes) AS size
FROM v_types
ORDER BY bytes DESC
LIMIT 20;
