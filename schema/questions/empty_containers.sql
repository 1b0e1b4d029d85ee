-- How many containers are empty, and what do they cost?
SELECT t.name AS type, count(*) AS empty, human(sum(o.size + o.owned_size)) AS size
FROM objects o
JOIN types t ON t.id = o.type_id
WHERE o.value = 'len 0'
GROUP BY t.id
ORDER BY sum(o.size + o.owned_size) DESC;
